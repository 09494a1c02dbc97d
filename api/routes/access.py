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

READ, OWN, FEEDBACK = Right.READ, Right.OWN, Right.FEEDBACK
ANALYSE, PLAN, APPROVE, ADMINISTER = Right.ANALYSE, Right.PLAN, Right.APPROVE, Right.ADMINISTER

NEEDS: dict[str, frozenset[Right]] = {
    "GET /v1/snapshots": frozenset({READ}),
    "POST /v1/snapshots": frozenset({PLAN}),
    "GET /v1/snapshots/{snapshot_id}": frozenset({READ}),
    "GET /v1/snapshots/{snapshot_id}/issues": frozenset({READ}),
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
}
"""Per route, the rights of which a caller must have one."""
OPEN = frozenset({"GET /health", "GET /health/ready"})
"""Routes that anybody may use."""


def name_of(route: APIRoute, method: str) -> str:
    """Return what a route is called in the table."""
    return f"{method} {route.path_format}"


def check_table(routers: Iterable[APIRouter]) -> None:
    """Raise RuntimeError unless the table names exactly the routes that there are."""
    there = {
        name_of(route, method)
        for router in routers
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    if there != NEEDS.keys() | OPEN:
        missing, gone = there - NEEDS.keys() - OPEN, (NEEDS.keys() | OPEN) - there
        raise RuntimeError(
            f"api/routes/access.py says nothing of {sorted(missing)}, and names {sorted(gone)}, "
            "which are no routes"
        )
