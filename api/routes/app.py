"""The server's app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI

import models
from api.routes import (
    diagnoses,
    evaluations,
    health,
    policies,
    run_events,
    runs,
    scenarios,
    schedules,
    snapshots,
)
from api.routes.access import check_table
from api.routes.problems import answer_problems
from api.routes.requests import recognized
from api.schemas.common import Problem

if TYPE_CHECKING:
    from api.services.service import Service

ROUTERS = (
    health.router,
    snapshots.router,
    policies.router,
    schedules.router,
    scenarios.router,
    runs.router,
    run_events.router,
    evaluations.router,
    diagnoses.router,
)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (401, 403, 404, 409, 412, 413, 422, 429, 503)
}


def make_app(service: Service) -> FastAPI:
    """Return the app of an installation."""
    app = FastAPI(
        title="Fairlead",
        version=models.__version__,
        summary="Plans who works which lead, and publishes it.",
        # They load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(recognized)],
        responses=PROBLEMS,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    answer_problems(app)
    check_table(ROUTERS)
    return app
