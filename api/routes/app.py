"""The server's app."""

from __future__ import annotations

from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI

import models
from api.routes import (
    audit,
    books,
    comparisons,
    diagnoses,
    evaluations,
    feedback,
    health,
    keys,
    metrics,
    people,
    pins,
    plans,
    policies,
    pool,
    publications,
    published,
    recommendations,
    run_events,
    runs,
    scenarios,
    schedules,
    session,
    sign_in,
    snapshots,
)
from api.routes.access import OPEN, check_table
from api.routes.bodies import Bodies
from api.routes.callers import recognized
from api.routes.hosts import KnownHosts
from api.routes.parameters import KnownParameters
from api.routes.problems import answer_problems
from api.routes.rates import Rates
from api.routes.request_log import RequestLog
from api.routes.secure_headers import SecureHeaders
from api.schemas.common import Problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

    from api.services.service import Service

ROUTERS = (
    health.router,
    metrics.router,
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
    keys.router,
    sign_in.router,
    session.router,
    people.router,
    audit.router,
    scenarios.router,
    runs.router,
    run_events.router,
    evaluations.router,
    diagnoses.router,
)
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 406, 408, 409, 412, 413, 415, 422, 428, 429, 431, 503)
}
FORM_LIMITS: Any = {"max_files": 101, "max_fields": 50, "max_part_size": 1 << 20}
"""Files and fields of one form, and bytes of a field; a snapshot has a hundred files at most."""


class _App(FastAPI):
    """Adds its headers to all answers, also to those of errors of ours."""

    def build_middleware_stack(self) -> ASGIApp:
        """Return what answers requests."""
        settings = self.state.service.settings
        https = settings.public_url.startswith("https:")
        return SecureHeaders(super().build_middleware_stack(), https=https)

    def openapi(self) -> dict[str, Any]:
        """Return the description of the API, which says of open routes that they need no key."""
        if self.openapi_schema is None:
            for path, methods in super().openapi()["paths"].items():
                for method, operation in methods.items():
                    if f"{method.upper()} {path}" in OPEN:
                        operation["security"] = []
        return super().openapi()


def make_app(service: Service) -> FastAPI:
    """Return the app of an installation."""
    app = _App(
        title="Fairlead",
        version=models.__version__,
        summary="Plans who works which lead, and publishes it.",
        # They load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        # An address has one form; else a key would be sent once more, wherever a Host header says.
        redirect_slashes=False,
        dependencies=[Depends(recognized), Depends(KnownParameters(ROUTERS))],
        responses=PROBLEMS,
        lifespan=_lifespan,
        form_limits=FORM_LIMITS,
    )
    app.state.service = service
    # The last is the first that a request meets.
    app.add_middleware(Bodies, service=service)
    app.add_middleware(Rates, settings=service.settings)
    app.add_middleware(KnownHosts, hosts=service.settings.allowed_hosts)
    for router in ROUTERS:
        app.include_router(router)
    answer_problems(app)
    app.state.metrics = metrics.RequestMetrics()
    # The last one that is added is the first one that a request meets.
    app.add_middleware(RequestLog, metrics=app.state.metrics)
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
