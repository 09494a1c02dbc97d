"""The client: the service's own models, errors with codes, changes that happen once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest

from api.client import ApiError, Client
from api.client.errors import (
    ConflictingError,
    MissingError,
    NotKnownError,
    NotNowError,
    RefusedError,
)
from api.schemas.runs import NewRun, RunGiven
from api.services.policies import add_policy
from tests.api.company import (
    HEADER,
    LEADS,
    POLICY,
    TABLES,
    add_company,
    add_plan_of,
    add_rules,
    publish,
    write_company,
)
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.services.service import Service


class Lossy(httpx2.HTTPTransport):
    """Loses some answers after the service has given them, or connections before it hears."""

    def __init__(self, *, answers: int = 0, connections: int = 0) -> None:
        super().__init__()
        self.answers, self.connections = answers, connections
        self.sent: list[str | None] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request.headers.get("Idempotency-Key"))
        if self.connections:
            self.connections -= 1
            raise httpx2.ConnectError("lost before")
        response = super().handle_request(request)
        if self.answers:
            self.answers -= 1
            response.read()
            raise httpx2.ReadError("lost after")
        return response


def test_tables_and_policies(remote: Client, tmp_path: Path) -> None:
    directory = write_company(tmp_path / "company")
    snapshot = remote.snapshots.send(directory)
    assert remote.snapshots.get(snapshot.id) == snapshot
    euros = {**TABLES, "snapshot.yaml": HEADER.replace("USD", "EUR").replace("11-20", "11-19")}
    other = write_company(tmp_path / "other", euros)
    with pytest.raises(ConflictingError, match="other_company"):
        remote.snapshots.send(other)
    assert list(remote.snapshots.all(limit=1)) == [snapshot]
    assert remote.snapshots.send(other, change_company=True).currency == "EUR"
    remarks = list(remote.snapshots.issues(snapshot.id))
    assert sum(snapshot.summary.issues.values()) == len(remarks)
    versions = [remote.policies.send("weekly", POLICY) for _ in range(3)]
    assert [policy.version for policy in remote.policies.all(name="weekly", limit=2)] == [3, 2, 1]
    assert remote.policies.get(versions[0].id) == versions[0]
    assert "A rep never gets more" in " ".join(remote.policies.sentences(versions[0].id))
    assert remote.policies.validate(POLICY, snapshot=snapshot.id).valid
    assert not remote.policies.validate("version: 1").valid
    assert remote.health().database


def test_errors_have_codes_and_all_faults(remote: Client, address: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as refused:
        remote.policies.send("weekly", "version: 1\nmust: 3\n")
    assert refused.value.code == "policy"
    assert len(str(refused.value).splitlines()) == 1 + len(refused.value.problem.faults) > 3
    wrong = {**TABLES, "leads.csv": LEADS.replace("L05,", "L04,")}
    with pytest.raises(RefusedError, match="L04"):
        remote.snapshots.send(write_company(tmp_path / "wrong", wrong))
    with pytest.raises(MissingError):
        remote.plan("0" * 32)
    with pytest.raises(LookupError):
        remote.plan_of("0" * 32)
    with Client(address, "flk_wrong") as stranger, pytest.raises(NotKnownError):
        list(stranger.plans())
    with pytest.raises(ApiError) as missing:
        remote.connection.request("GET", "/v1/nothing")
    assert missing.value.code == "not_found"


@pytest.mark.parametrize(("answers", "connections"), [(1, 0), (0, 2), (2, 0), (1, 1)])
def test_a_change_happens_once_whatever_is_lost(
    service: Service, address: str, key: str, answers: int, connections: int
) -> None:
    transport, waits = Lossy(answers=answers, connections=connections), list[float]()
    http = httpx2.Client(transport=transport)
    with Client(address, key, http=http, sleep=waits.append) as client:
        policy = client.policies.send("weekly", POLICY)
        assert [one.id for one in client.policies.all()] == [policy.id]
        assert client.policies.send("weekly", POLICY).version == 2
    assert waits == [0.5, 1.0][: answers + connections]
    changes = [sent for sent in transport.sent if sent is not None]
    assert len(set(changes)) == 2
    assert len(changes) == 2 + answers + connections
    assert broken(service.database) == []


def test_who_waits_in_vain_is_told(address: str, key: str) -> None:
    waits = list[float]()
    http = httpx2.Client(transport=Lossy(connections=100))
    with (
        Client(address, key, http=http, patience=0.4, sleep=waits.append) as client,
        pytest.raises(NotNowError, match="lost before") as told,
    ):
        client.policies.send("weekly", POLICY)
    assert (told.value.code, waits) == ("no_answer", [])


def test_it_waits_as_long_as_the_service_says(
    service: Service, address: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.errors import UnavailableError

    calls, waits = list[int](), list[float]()

    def busy(*args: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise UnavailableError("the database rests")
        return add_policy(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("api.routes.policies.add_policy", busy)
    with Client(address, key, sleep=waits.append) as client:
        assert client.policies.send("weekly", POLICY).version == 1
    assert waits == [2.0]
    assert broken(service.database) == []


def test_plans_are_compared_and_reps_recommended(
    remote: Client, service: Service, tmp_path: Path
) -> None:
    snapshot = remote.snapshots.send(write_company(tmp_path / "company"))
    policy = remote.policies.send("weekly", POLICY)
    ids = [add_plan_of(service, snapshot.id, policy.id) for _ in range(2)]
    assert [plan.id for plan in remote.plans(snapshot=snapshot.id)] == ids[::-1]
    plan = remote.plan_of(remote.plan(ids[0]).header.run_id)
    assert plan.id == ids[0]
    told = remote.compare([plan, ids[1]], by="rep", moves=3)
    assert told.plans == ids
    assert told.between[0].leads == 0
    lead = {"lead_id": "N1", "region": "US/West", "amount": 100, "win_probability": 0.5}
    with pytest.raises(MissingError, match="nothing is published"):
        remote.recommend([lead])
    publish(service, ids[1])
    names = {"company", "email", "phone", "rep_name"}
    assert names <= set(remote.publications.assignments(names=True))
    assert not names & set(remote.publications.assignments())
    answer = remote.recommend([lead], top=2)
    assert (answer.plan, answer.rankings[0].lead_id) == (ids[1], "N1")
    assert remote.recommend([lead], plan=ids[0]).plan == ids[0]
    with pytest.raises(RefusedError, match="lead_id"):
        remote.recommend([{**lead, "lead_id": "L01"}])


def test_wait_looks_until_a_run_has_ended(remote: Client, service: Service) -> None:
    snapshot, policy = add_company(service), add_rules(service)
    run = remote.runs.add(NewRun(snapshot=snapshot, policy=policy))
    with pytest.raises(TimeoutError, match="still queued"):
        remote.runs.wait(run.id, seconds=0)
    waits, seen = list[float](), list[RunGiven]()

    def stop(seconds: float) -> None:
        waits.append(seconds)
        remote.runs.stop(run.id)

    ended = remote.runs.wait(run.id, progress=seen.append, sleep=stop)
    assert [one.status for one in seen] == ["queued", "cancelled"]
    assert (ended, len(waits)) == (seen[-1], 1)
    assert list(remote.runs.follow(run.id)) == [ended]


def test_who_follows_a_run_is_told_each_state(remote: Client, service: Service) -> None:
    snapshot, policy = add_company(service), add_rules(service)
    run = remote.runs.add({"snapshot": snapshot, "policy": policy})
    statuses = []
    for state in remote.runs.follow(run.id):
        statuses.append(state.status)
        if len(statuses) == 1:
            remote.runs.stop(run.id)
    assert statuses == ["queued", "cancelled"]
    with pytest.raises(MissingError):
        next(remote.runs.follow("0" * 32))


def test_who_follows_where_nobody_answers_is_told(key: str) -> None:
    http = httpx2.Client(transport=Lossy(connections=1))
    with (
        Client("http://127.0.0.1:1", key, http=http) as client,
        pytest.raises(NotNowError, match="lost before"),
    ):
        next(client.runs.follow("0" * 32))


def test_a_conflict_is_its_own_error(address: str, key: str) -> None:
    def same_key(client: Client) -> Callable[[str], object]:
        headers = {"Idempotency-Key": "one"}
        return lambda name: client.connection.request(
            "POST", "/v1/policies", body={"name": name, "text": POLICY}, headers=headers
        )

    with Client(address, key) as client:
        send = same_key(client)
        send("weekly")
        send("weekly")
        with pytest.raises(ConflictingError) as told:
            send("other")
        assert told.value.code == "key_reused"
        assert len(list(client.policies.all())) == 1
