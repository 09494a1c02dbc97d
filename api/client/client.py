"""The service from Python."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from api.client.collection import Collection, Editable
from api.client.connection import Connection
from api.client.inputs import Policies, Snapshots
from api.client.operations import Audit, Keys, People, Schedules
from api.client.publishing import Books, Feedback, Pool, Publications
from api.client.remote_plan import RemotePlan
from api.client.runs import Runs
from api.schemas.comparisons import ComparisonGiven, NewComparison
from api.schemas.health import Health
from api.schemas.pins import PinGiven
from api.schemas.plans import PlanGiven
from api.schemas.recommendations import NewRecommendation, Recommendations
from api.schemas.scenarios import ScenarioGiven
from api.schemas.sign_in import SessionGiven

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Self

    import httpx2

    from api.schemas.comparisons import By


class Client:
    """A service, and the key to it; a block `with Client(...)` closes its connections.

    Parameters
    ----------
    url : of the service
    key : an API key
    patience : seconds in which a request that may succeed later is sent again
    http, sleep : what sends requests, and waits; those of this machine if not given

    Attributes
    ----------
    snapshots, policies, scenarios, runs, publications, pool, books, pins, feedback, schedules,
    keys, people, audit : the resources of the same name
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patience: float = 60.0,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.connection = Connection(url, key, patience=patience, http=http, sleep=sleep)
        self.snapshots = Snapshots(self.connection)
        self.policies = Policies(self.connection)
        self.runs = Runs(self.connection)
        self.publications = Publications(self.connection)
        self.pool = Pool(self.connection)
        self.books = Books(self.connection)
        self.scenarios = Collection(self.connection, "/v1/scenarios", ScenarioGiven)
        self.pins = Editable(self.connection, "/v1/pins", PinGiven)
        self.feedback = Feedback(self.connection)
        self.schedules = Schedules(self.connection)
        self.keys = Keys(self.connection)
        self.people = People(self.connection)
        self.audit = Audit(self.connection)
        self._plans = Collection(self.connection, "/v1/plans", PlanGiven)

    def health(self) -> Health:
        """Return whether the service can work."""
        return self.connection.ask(Health, "GET", "/health/ready")

    def metrics(self) -> str:
        """Return what a Prometheus server collects, as text."""
        return self.connection.request("GET", "/metrics").text

    def who_am_i(self) -> SessionGiven:
        """Return whose key it is, and what it may."""
        return self.connection.ask(SessionGiven, "GET", "/v1/session")

    def plan(self, plan_id: str) -> RemotePlan:
        """Return a plan; MissingError if there is none."""
        return RemotePlan(self.connection, self._plans.get(plan_id))

    def plans(self, **wanted: Any) -> Iterator[RemotePlan]:
        """Give plans, newest first: `plans(run=...)`, `plans(snapshot=...)`."""
        for header in self._plans.all(**wanted):
            yield RemotePlan(self.connection, header)

    def plan_of(self, run_id: str) -> RemotePlan:
        """Return the plan that a run left; LookupError if it left none."""
        for plan in self.plans(run=run_id):
            return plan
        raise LookupError(f"run {run_id} has left no plan")

    def compare(
        self, plans: Iterable[RemotePlan | str], *, by: By | None = None, moves: int = 100
    ) -> ComparisonGiven:
        """Return plans side by side, deltas against the first."""
        ids = [plan if isinstance(plan, str) else plan.id for plan in plans]
        body = NewComparison(plans=ids, by=by, moves=moves)
        return self.connection.ask(ComparisonGiven, "POST", "/v1/comparisons", body=body)

    def recommend(
        self, leads: Iterable[Mapping[str, Any]], *, plan: str | None = None, top: int = 5
    ) -> Recommendations:
        """Return the best reps for new leads, by the current plan if none is named."""
        body = NewRecommendation(plan=plan, leads=[dict(lead) for lead in leads], top=top)
        return self.connection.ask(Recommendations, "POST", "/v1/recommendations", body=body)

    def close(self) -> None:
        """Close the connections to the service."""
        self.connection.close()

    def __enter__(self) -> Self:
        """Return the client, which the block's end closes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the client."""
        self.close()
