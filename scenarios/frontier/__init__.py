"""The frontier: what value costs in moves, or in fairness, as plans that can be published."""
