"""Ranks reps for leads that came after the plan, by its prices: the parts of planner.recommend."""
