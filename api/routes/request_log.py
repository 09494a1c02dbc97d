"""Around every request: its id, a line in the log, and its place in the metrics."""

from __future__ import annotations

import logging
import re
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.routes.metrics import RequestMetrics

LOG = structlog.stdlib.get_logger(__name__)
REQUEST_ID = "X-Request-Id"
FITS = re.compile(r"[A-Za-z0-9._-]{1,64}")
NO_ROUTE = "none"
"""What requests are told under that fit no route: their addresses could be anything."""
QUIET_ROUTES = frozenset({"/health", "/health/ready", "/metrics"})
"""Asked every few seconds by programs that look after the server."""
FAILED = 500


class RequestLog:
    """Gives a request its id, and tells of it when it is answered.

    Never the address as it was sent, which may hold a name or a token: only the route's template.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(Headers(scope=scope).get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began, status = monotonic(), FAILED

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._tell(scope, status, monotonic() - began)

    def _tell(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        template = route.path_format if isinstance(route, APIRoute) else NO_ROUTE
        self._metrics.count(scope["method"], template, status, seconds)
        quiet = template in QUIET_ROUTES and status < FAILED
        LOG.log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            method=self._metrics.method(scope["method"]),
            route=template,
            status=status,
            milliseconds=round(1000 * seconds, 1),
            caller=scope["state"].get("caller"),
        )


def _id_of(given: str | None) -> str:
    """Return the id that a proxy or a client gave, if it can be one, or else a new one."""
    return given if given is not None and FITS.fullmatch(given) else uuid4().hex
