"""What each role may."""

from __future__ import annotations

from api.schemas.roles import Right, Role

__all__ = ["RIGHTS", "Right", "Role"]

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.REP: frozenset({Right.OWN, Right.FEEDBACK}),
    Role.ANALYST: frozenset({Right.READ, Right.FEEDBACK, Right.ANALYSE}),
    Role.PLANNER: frozenset({Right.READ, Right.OWN, Right.FEEDBACK, Right.ANALYSE, Right.PLAN}),
    Role.APPROVER: frozenset({Right.READ, Right.FEEDBACK, Right.APPROVE}),
    Role.ADMIN: frozenset(Right),
}
