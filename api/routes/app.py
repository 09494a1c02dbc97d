"""The server's app."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI

import models
from api.routes import (
    books,
    comparisons,
    feedback,
    health,
    pins,
    plans,
    policies,
    pool,
    publications,
    published,
    recommendations,
    schedules,
    snapshots,
)
from api.routes.access import check_table
from api.routes.problems import answer_problems
from api.routes.requests import recognized
from api.schemas.common import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from api.services.service import Service

ROUTERS = (
    health.router,
    snapshots.router,
    policies.router,
    plans.router,
    comparisons.router,
    recommendations.router,
    # Its words, such as `changes`, stand where the other has ids.
    published.router,
    publications.router,
    pool.router,
    books.router,
    pins.router,
    feedback.router,
    schedules.router,
)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 406, 409, 412, 413, 422, 429, 503)
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
        lifespan=_lifespan,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    answer_problems(app)
    check_table(ROUTERS)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Have the current plan ready for recommendations while the app runs."""
    ended = Event()
    keeper = Thread(target=app.state.service.routing.keep_ready, args=(ended,), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
