"""Comparison policies: what other systems do, run on the same problem."""
