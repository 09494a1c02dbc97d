"""Requests that the API's description allows, and some that it does not, held against it.

Left out of schemathesis' checks is that what the description allows is accepted: no schema can tell
whether a text is a policy, an id is one of something that is there, or a cursor is one that was
given. Left out is also that wrong keys are refused: tests/api/routes/test_access_matrix.py holds it
for every route, and here it would count as an attack from one address.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fastapi import FastAPI
    from schemathesis import Case
    from schemathesis.schemas import APIOperation

    Operation = APIOperation[Any, Any, Any, Any]

LEFT_OUT = [positive_data_acceptance, ignored_auth]
PERCENT_KNOWN = 60
"""How often an id is replaced by one of something that is there."""
IDS = {
    "snapshot": "snapshot_id",
    "policy": "policy_id",
    "scenario": "scenario_id",
    "plan": "plan_id",
    "from_plan": "plan_id",
    "lead_id": "lead_id",
    "rep_id": "rep_id",
}
"""Which id a field of a body names."""
SPARED = "POST /v1/snapshots/{snapshot_id}/withdraw"
"""It would end what nearly all others need; on the way that was gone before, it came through."""


@dataclass
class Fuzz:
    """A campaign against one app, for one caller.

    Attributes
    ----------
    key : the caller's; ids : what is there, by the names of paths' parameters
    statuses : how often each operation was answered so
    wrong : what does not hold, each with an example
    seconds : how long each answer took
    """

    app: FastAPI
    key: str
    ids: dict[str, str]
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", self.app)

    def operations(self) -> Iterator[Operation]:
        """Give what the description tells of."""
        for found in self.schema.get_all_operations():
            assert isinstance(found, Ok), "the description cannot be read"
            yield found.ok()

    def run(self, cases: int, number: int) -> None:
        """Send so many cases of each operation, from a seed."""
        for operation in self.operations():
            with get_client(cast("Any", self.app)) as session:
                self._run(operation, session, cases, number)

    def figures(self) -> str:
        """Return how often each status was answered, and how long answers took."""
        told: Counter[int] = Counter()
        for (_, status), count in self.statuses.items():
            told[status] += count
        slow = sorted(self.seconds)[int(len(self.seconds) * 0.99)]
        statuses = ", ".join(f"{status}: {count}" for status, count in sorted(told.items()))
        return f"{statuses}; p99 {slow:.3f} s"

    def _run(self, operation: Operation, session: Any, cases: int, number: int) -> None:
        def ask(case: Case[Any], chance: Random) -> None:
            self._fill(case, chance)
            began = monotonic()
            answer = case.call(session=session, headers={"Authorization": f"Bearer {self.key}"})
            self.seconds.append(monotonic() - began)
            self.statuses[operation.label, answer.status_code] += 1
            try:
                case.validate_response(answer, excluded_checks=_left_out(case))
            except (Failure, FailureGroup) as error:
                told = f"{operation.label} {answer.status_code}"
                self.wrong.setdefault(told, f"{error}\n{case.as_curl_command()}")

        modes = [GenerationMode.POSITIVE]
        if list(operation.iter_parameters()) or operation.body:
            modes.append(GenerationMode.NEGATIVE)
        drawn = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
        test = given(case=drawn, chance=st.randoms(use_true_random=False))(ask)
        seed(number)(
            hypothesis_settings(
                max_examples=cases,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(test)
        )()

    def _fill(self, case: Case[Any], chance: Random) -> None:
        """Name what is there in places, so that a request gets beyond its looking for it."""
        if chance.randrange(100) >= PERCENT_KNOWN or case.operation.label == SPARED:
            return
        # What is wrong on purpose stays so.
        meant = {
            location
            for location, told in (case.meta.components if case.meta else {}).items()
            if told.mode.is_positive
        }
        if ParameterLocation.PATH in meant:
            known = {name: self.ids[name] for name in case.path_parameters if name in self.ids}
            case.path_parameters = {**case.path_parameters, **known}
        if ParameterLocation.HEADER in meant and "If-Match" in case.headers:
            headers = {**case.headers, "If-Match": f'"v{chance.randrange(1, 4)}"'}
            case.headers = CaseInsensitiveDict(headers)
        if ParameterLocation.BODY in meant and isinstance(case.body, dict):
            known = {
                name: self.ids[IDS[name]]
                for name, value in case.body.items()
                if name in IDS and isinstance(value, str)
            }
            case.body = {**case.body, **known}


def _left_out(case: Case[Any]) -> list[Any]:
    # A header that was left out on purpose may be the key, which is always sent.
    headers = case.meta.components.get(ParameterLocation.HEADER) if case.meta else None
    if headers is not None and headers.mode.is_negative:
        return [*LEFT_OUT, negative_data_rejection]
    return LEFT_OUT
