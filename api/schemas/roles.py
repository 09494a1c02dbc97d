"""The words for what callers are, and what they may do."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """What a route asks for."""

    READ = "read"
    """Look at everything but keys and the audit trail."""
    OWN = "own"
    """Work an own book: look at it, claim from the pool, return to it."""
    FEEDBACK = "feedback"
    """Say what is good or bad about an assignment."""
    ANALYSE = "analyse"
    """Make scenarios and plans, compare, ask why; nothing of it reaches the company."""
    PLAN = "plan"
    """Bring tables, rules, pins and schedules; draft publications and submit them."""
    APPROVE = "approve"
    """Approve or reject a publication, publish it, roll back."""
    ADMINISTER = "administer"
    """Keys, the audit trail, and removing data."""


class Role(StrEnum):
    """What a person or a program is to the company."""

    VIEWER = "viewer"
    REP = "rep"
    ANALYST = "analyst"
    PLANNER = "planner"
    APPROVER = "approver"
    ADMIN = "admin"
