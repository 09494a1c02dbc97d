"""What can contradict: kinds of limits and duties, and what it costs to give way in each."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """A kind of limit or duty; its value is a stable code."""

    LIMIT = "limit"
    """A rep's, or a team's, load stays at or below a limit."""
    FAIR_BAND = "fair_band"
    """A rep's load lies within a hard band, or reaches a minimum share."""
    CONCENTRATION = "concentration"
    """One class is at most a share of a rep's book."""
    RETURNING = "returning"
    """Who is back gains at most an equal part."""
    MOVE_BUDGET = "move_budget"
    """So many owned leads change hands at most."""
    MUST_ASSIGN = "must_assign"
    """A lead must have a rep."""
    PIN = "pin"
    """A lead is fixed to a rep, or barred from one."""
    PROTECTED = "protected"
    """A lead stays with its owner."""
    OWNER_FIRST = "owner_first"
    """A family stays with those who own a lead of it."""
    MUST = "must"
    """A rule keeps a rep from a lead."""
    OVERLOAD = "overload"
    """Who is over a limit today gains nothing."""


COST = {
    Kind.LIMIT: 1.0,
    Kind.FAIR_BAND: 1.0,
    Kind.CONCENTRATION: 1.0,
    Kind.RETURNING: 1.0,
    Kind.MOVE_BUDGET: 1.0,
    Kind.MUST_ASSIGN: 2.0,
    Kind.PIN: 2.0,
    Kind.PROTECTED: 2.0,
    Kind.OWNER_FIRST: 2.0,
    Kind.MUST: 4.0,
    Kind.OVERLOAD: 4.0,
}
"""Of giving way: a limit by the load of an average lead, all else by one lead."""
ALWAYS_COST = 50.0
"""Of giving a lead to a rep who has left: told as a cause, hardly ever as a way out."""
BY_RULE = {
    "capacity": Kind.LIMIT,
    "fairness": Kind.FAIR_BAND,
    "concentration": Kind.CONCENTRATION,
    "returning": Kind.RETURNING,
    "at_most_moves": Kind.MOVE_BUDGET,
}
"""Kinds of resources, by the name of the rule that makes them."""
