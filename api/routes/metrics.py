"""/metrics: what a Prometheus server collects. Labels have few values: never an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

import models
from api.routes.one_turn import OneTurn
from api.routes.requests import Reading, ServiceOf
from api.services.figures import Figures, figures
from api.store.tables import RunStatus

if TYPE_CHECKING:
    from api.services.service import Service

router = APIRouter(tags=["health"], route_class=OneTurn)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class RequestMetrics:
    """Counts the requests of one app.

    Attributes
    ----------
    registry : where the metrics are collected from
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        build = Gauge(
            "fairlead_build_info", "The version that runs.", ["version"], registry=self.registry
        )
        build.labels(models.__version__).set(1)
        self._requests = Counter(
            "fairlead_requests",
            "Requests that were answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "fairlead_request_seconds",
            "Seconds until a request was answered.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def method(self, name: str) -> str:
        """Return a method's name, if it is one that HTTP has."""
        return name if name in METHODS else OTHER

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(self.method(method), route, str(status)).inc()
        self._seconds.labels(self.method(method), route).observe(seconds)


@router.get("/metrics", response_class=Response)
def get(request: Request, session: Reading, service: ServiceOf) -> Response:
    """Give all figures in Prometheus' text format."""
    requests: RequestMetrics = request.app.state.metrics
    told = generate_latest(requests.registry) + generate_latest(_at_once(figures(session), service))
    return Response(told, media_type=CONTENT_TYPE_LATEST)


def _at_once(now: Figures, service: Service) -> CollectorRegistry:
    """Return what is read anew each time, so that each of several servers tells the same."""
    registry = CollectorRegistry()

    def gauge(name: str, help_: str, value: float) -> None:
        Gauge(f"fairlead_{name}", help_, registry=registry).set(value)

    runs = Gauge("fairlead_runs", "Runs by status.", ["status"], registry=registry)
    for status in RunStatus:
        runs.labels(status.value).set(now.runs.get(status, 0))
    gauge("queue_age_seconds", "How long the run that waits longest has waited.", now.queue_seconds)
    gauge("publication_number", "The number of the current publication.", now.publication)
    gauge("audit_rows", "Rows of the audit trail.", now.audit_rows)
    gauge("desk_questions", "Questions at the desk, with those that wait.", service.desk.asked)
    connections = service.database.connections()
    gauge("database_connections", "Connections to the database in use.", connections)
    return registry
