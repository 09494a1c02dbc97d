"""Which right each route asks for: the one table, which the app is checked against when it starts.

A route's own template decides, never the address that a client sent, which a Host header or an
encoded slash may change (CVE-2026-48710).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.routing import APIRoute

from api.services.access.roles import Right

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter

    from api.settings import Settings

READ, OWN, FEEDBACK = Right.READ, Right.OWN, Right.FEEDBACK
ANALYSE, PLAN, APPROVE, ADMINISTER = Right.ANALYSE, Right.PLAN, Right.APPROVE, Right.ADMINISTER

NEEDS: dict[str, frozenset[Right]] = {
    "GET /v1/snapshots": frozenset({READ}),
    "POST /v1/snapshots": frozenset({PLAN}),
    "GET /v1/snapshots/{snapshot_id}": frozenset({READ}),
    "GET /v1/snapshots/{snapshot_id}/issues": frozenset({READ}),
    "POST /v1/snapshots/{snapshot_id}/withdraw": frozenset({PLAN}),
    "GET /v1/snapshots/{snapshot_id}/people": frozenset({PLAN, ADMINISTER}),
    "POST /v1/people/erase": frozenset({ADMINISTER}),
    "GET /metrics": frozenset({ADMINISTER}),
    "GET /v1/audit": frozenset({ADMINISTER}),
    "GET /v1/audit/head": frozenset({ADMINISTER}),
    "GET /v1/audit/verify": frozenset({ADMINISTER}),
    "GET /v1/snapshots/{snapshot_id}/metrics": frozenset({READ}),
    "GET /v1/issue-types": frozenset({READ}),
    "GET /v1/policies": frozenset({READ}),
    "POST /v1/policies": frozenset({PLAN}),
    "GET /v1/runs": frozenset({READ}),
    "POST /v1/runs": frozenset({ANALYSE}),
    "GET /v1/runs/{run_id}": frozenset({READ}),
    "GET /v1/runs/{run_id}/events": frozenset({READ}),
    "POST /v1/runs/{run_id}/stop": frozenset({ANALYSE, PLAN}),
    "GET /v1/scenarios": frozenset({READ}),
    "POST /v1/scenarios": frozenset({ANALYSE}),
    "GET /v1/scenarios/{scenario_id}": frozenset({READ}),
    "POST /v1/evaluations": frozenset({ANALYSE}),
    "POST /v1/diagnoses": frozenset({ANALYSE}),
    "POST /v1/policies/validate": frozenset({ANALYSE}),
    "GET /v1/policies/{policy_id}": frozenset({READ}),
    "GET /v1/policies/{policy_id}/sentences": frozenset({READ}),
    "GET /v1/schedules": frozenset({READ}),
    "POST /v1/schedules": frozenset({PLAN}),
    "GET /v1/schedules/{schedule_id}": frozenset({READ}),
    "PATCH /v1/schedules/{schedule_id}": frozenset({PLAN}),
    "DELETE /v1/schedules/{schedule_id}": frozenset({PLAN}),
    "POST /v1/schedules/{schedule_id}/fire": frozenset({PLAN}),
    "GET /v1/schedules/{schedule_id}/slots": frozenset({READ}),
    "GET /v1/publications": frozenset({READ}),
    "POST /v1/publications": frozenset({PLAN}),
    "GET /v1/publications/current": frozenset({READ}),
    "GET /v1/publications/current/assignments": frozenset({READ}),
    "GET /v1/publications/current/refused": frozenset({READ}),
    "GET /v1/publications/changes": frozenset({READ}),
    "GET /v1/publications/{publication_id}": frozenset({READ}),
    "PATCH /v1/publications/{publication_id}": frozenset({PLAN}),
    "GET /v1/publications/{publication_id}/breaches": frozenset({READ}),
    "GET /v1/publications/{publication_id}/assignments": frozenset({READ}),
    "GET /v1/publications/{publication_id}/refused": frozenset({READ}),
    "POST /v1/publications/{publication_id}/submit": frozenset({PLAN}),
    "POST /v1/publications/{publication_id}/approve": frozenset({APPROVE}),
    "POST /v1/publications/{publication_id}/reject": frozenset({PLAN, APPROVE}),
    "POST /v1/publications/{publication_id}/publish": frozenset({APPROVE}),
    "POST /v1/publications/{publication_id}/roll-back": frozenset({APPROVE}),
    "GET /v1/pool": frozenset({READ, OWN}),
    "POST /v1/pool/{lead_id}/claim": frozenset({OWN}),
    "POST /v1/pool/{lead_id}/return": frozenset({OWN}),
    "GET /v1/books/{rep_id}": frozenset({READ, OWN}),
    "POST /v1/books/{rep_id}/leads/{lead_id}": frozenset({PLAN}),
    "GET /v1/pins": frozenset({READ}),
    "POST /v1/pins": frozenset({PLAN}),
    "GET /v1/pins/{pin_id}": frozenset({READ}),
    "PATCH /v1/pins/{pin_id}": frozenset({PLAN}),
    "DELETE /v1/pins/{pin_id}": frozenset({PLAN}),
    "GET /v1/feedback": frozenset({READ, OWN}),
    "POST /v1/feedback": frozenset({FEEDBACK}),
    "GET /v1/feedback/summary": frozenset({READ}),
    "GET /v1/plans": frozenset({READ}),
    "GET /v1/plans/{plan_id}": frozenset({READ}),
    "GET /v1/plans/{plan_id}/kpis": frozenset({READ}),
    "GET /v1/plans/{plan_id}/sentences": frozenset({READ}),
    "GET /v1/plans/{plan_id}/source": frozenset({READ}),
    "GET /v1/plans/{plan_id}/assignments": frozenset({READ}),
    "GET /v1/plans/{plan_id}/unassigned": frozenset({READ}),
    "GET /v1/plans/{plan_id}/moves": frozenset({READ}),
    "GET /v1/plans/{plan_id}/reps": frozenset({READ}),
    "GET /v1/plans/{plan_id}/prices": frozenset({READ}),
    "GET /v1/plans/{plan_id}/leads/{lead_id}": frozenset({READ, OWN}),
    "GET /v1/plans/{plan_id}/leads/{lead_id}/why-not/{rep_id}": frozenset({READ, OWN}),
    "POST /v1/comparisons": frozenset({ANALYSE}),
    "POST /v1/recommendations": frozenset({ANALYSE}),
    "GET /v1/keys": frozenset({ADMINISTER}),
    "POST /v1/keys": frozenset({ADMINISTER}),
    "GET /v1/keys/{key_id}": frozenset({ADMINISTER}),
    "PATCH /v1/keys/{key_id}": frozenset({ADMINISTER}),
    "DELETE /v1/keys/{key_id}": frozenset({ADMINISTER}),
    "GET /v1/session": frozenset(Right),
    "DELETE /v1/session": frozenset(Right),
}
"""Per route, the rights of which a caller must have one."""
WHOLE = frozenset(
    {
        "POST /v1/snapshots",
        "POST /v1/snapshots/{snapshot_id}/withdraw",
        "GET /v1/snapshots/{snapshot_id}/issues",
        "GET /v1/snapshots/{snapshot_id}/metrics",
        "POST /v1/policies",
        "POST /v1/schedules",
        "PATCH /v1/schedules/{schedule_id}",
        "DELETE /v1/schedules/{schedule_id}",
        "POST /v1/schedules/{schedule_id}/fire",
        "GET /v1/plans/{plan_id}/source",
        "POST /v1/recommendations",
        "POST /v1/people/erase",
        "GET /v1/audit",
        "GET /v1/audit/head",
        "GET /v1/audit/verify",
        "GET /metrics",
    }
)
"""Routes that concern the whole company: not for callers who are limited to teams or regions."""
OPEN = frozenset(
    {
        "GET /",
        "GET /health",
        "GET /health/ready",
        "POST /v1/sign-in",
        "GET /sign-in",
        "GET /sign-in/oidc",
        "GET /sign-in/oidc/callback",
    }
)
"""Routes that anybody may use."""
METRICS = "GET /metrics"


def name_of(route: APIRoute, method: str) -> str:
    """Return what a route is called in the table."""
    return f"{method} {route.path_format}"


def methods_of(route: APIRoute) -> list[str]:
    """Return the methods that a route's address takes, also by other routes."""
    names = (name.split(" ", 1) for name in (*NEEDS, *OPEN))
    return sorted(method for method, path in names if path == route.path_format)


def is_open(name: str, settings: Settings) -> bool:
    """Return whether anybody may use a route in an installation."""
    return name in OPEN or (name == METRICS and settings.metrics_open)


def check_table(routers: Iterable[APIRouter]) -> None:
    """Raise RuntimeError unless the table names exactly the routes that there are."""
    there = {
        name_of(route, method)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    if there != NEEDS.keys() | OPEN | WHOLE:
        missing, gone = there - NEEDS.keys() - OPEN, (NEEDS.keys() | OPEN | WHOLE) - there
        raise RuntimeError(
            f"api/routes/access.py says nothing of {sorted(missing)}, and names {sorted(gone)}, "
            "which are no routes"
        )
