"""/v1/runs, /v1/scenarios, /v1/evaluations, /v1/diagnoses: what is asked, refused and told."""

from __future__ import annotations

import itertools
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.queue import Queue
from api.routes import run_events
from api.services.access.roles import Role
from api.services.streams import Streams
from api.store.tables import RunStatus
from tests.api.company import POLICY, add_company, add_plan_of, add_rules
from tests.api.invariants import broken
from tests.api.jobs.asked import sqlite_only
from tests.api.jobs.shop import PLAN, leases

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

NOBODY = "0" * 32


@pytest.fixture
def base(service: Service) -> dict[str, str]:
    """Return a snapshot and a policy that fit together."""
    return {"snapshot": add_company(service), "policy": add_rules(service)}


def test_a_run_waits_to_be_taken(
    client: TestClient, service: Service, base: dict[str, str]
) -> None:
    told = client.post("/v1/runs", json={**base, "limits": {"seconds": 5}})
    assert told.status_code == 202
    run = told.json()
    assert (run["kind"], run["status"], run["plan_id"]) == ("solve", "queued", None)
    assert run["asked"]["snapshot"] == base["snapshot"]
    assert run["asked"]["limits"]["seconds"] == 5
    assert run["asked"]["skip_rule_prices"] is False
    assert not {"snapshot_id", "rule_prices"} & set(run["asked"])
    assert client.get(told.headers["location"]).json() == run
    assert client.get("/v1/runs?status=queued&kind=solve").json()["items"] == [run]
    assert client.get("/v1/runs?status=solved").json()["items"] == []
    assert broken(service.database) == []


def test_a_repeated_request_is_one_run(client: TestClient, base: dict[str, str]) -> None:
    told = [client.post("/v1/runs", json=base, headers={"Idempotency-Key": "k"}) for _ in range(3)]
    assert len({answer.json()["id"] for answer in told}) == 1
    assert len(client.get("/v1/runs").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, ["name a snapshot and a policy, or a scenario alone"]),
        ({"snapshot": NOBODY}, ["name a snapshot and a policy, or a scenario alone"]),
        (
            {"snapshot": NOBODY, "policy": NOBODY, "from_plan": NOBODY},
            ["there is no snapshot", "there is no policy", "there is no plan"],
        ),
        ({"scenario": NOBODY}, ["there is no scenario"]),
        ({"snapshot": NOBODY, "policy": NOBODY, "engine": "magic"}, ["engine"]),
        ({"snapshot": "x", "policy": NOBODY, "limits": {"seconds": -1}}, ["snapshot", "seconds"]),
        ({"snapshot": NOBODY, "policy": NOBODY, "publishes": True}, ["publishes"]),
    ],
)
@sqlite_only
def test_every_fault_of_a_request_is_told(
    client: TestClient, body: dict[str, Any], words: list[str]
) -> None:
    told = client.post("/v1/runs", json=body)
    assert told.status_code == 422
    problem = told.json()
    text = " ".join([problem["detail"], *problem["faults"]])
    assert [word for word in words if word not in text] == []


@sqlite_only
def test_limits_are_an_installations(client: TestClient, base: dict[str, str]) -> None:
    limits = {"seconds": 7200, "threads": 16}
    told = client.post("/v1/runs", json={**base, "limits": limits})
    assert (told.status_code, told.json()["detail"]) == (
        422,
        "limits.seconds is 7,200.0; this installation allows 3,600.0; limits.threads is 16; this "
        "installation allows 2",
    )


@sqlite_only
def test_what_is_too_large_is_refused_with_its_size(
    client: TestClient, service: Service, base: dict[str, str]
) -> None:
    object.__setattr__(service, "settings", service.settings.model_copy(update={"max_pairs": 71}))
    for route in ("/v1/runs", "/v1/diagnoses"):
        told = client.post(route, json=base)
        assert (told.status_code, told.json()["code"]) == (413, "too_large")
        assert told.json()["detail"].startswith(
            "18 leads x 4 reps are 72 pairs; this installation allows 71"
        )


def test_a_caller_has_a_quota(
    client: TestClient, client_of: ClientOf, service: Service, base: dict[str, str]
) -> None:
    object.__setattr__(
        service, "settings", service.settings.model_copy(update={"runs_per_caller": 3})
    )
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(client.post("/v1/runs", json=base).status_code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] * 3 + [429] * 5
    told = client.post("/v1/diagnoses", json=base)
    assert (told.status_code, told.json()["code"]) == (429, "quota")
    assert int(told.headers["retry-after"]) > 0
    assert client_of(Role.ANALYST).post("/v1/runs", json=base).status_code == 202
    # One that has ended counts no more.
    first = client.get("/v1/runs").json()["items"][-1]
    assert client.post(f"/v1/runs/{first['id']}/stop").json()["status"] == "cancelled"
    assert client.post("/v1/runs", json=base).status_code == 202


@sqlite_only
def test_a_request_can_be_looked_at_only(
    client: TestClient, service: Service, base: dict[str, str]
) -> None:
    good = client.post("/v1/runs", json={**base, "validate_only": True}).json()
    assert (good["status"], good["queued_at"], good["result"]) == ("created", None, None)
    other = add_rules(service, POLICY.replace("column: amount", "column: budget"))
    bad = client.post("/v1/runs", json={**base, "policy": other, "validate_only": True}).json()
    assert (bad["status"], bad["reason"]) == ("invalid", "1 fault")
    assert "budget" in bad["result"]["faults"][0]
    assert leases(service.database).claim("w") is None
    told = client.post(f"/v1/runs/{bad['id']}/stop")
    assert (told.status_code, told.json()["code"]) == (409, "illegal_step")
    assert broken(service.database) == []


def test_stopping(
    client: TestClient, client_of: ClientOf, service: Service, base: dict[str, str]
) -> None:
    waiting, solving = (client.post("/v1/runs", json=base).json()["id"] for _ in range(2))
    assert client_of(Role.ANALYST).post(f"/v1/runs/{waiting}/stop").status_code == 403
    limited = client_of(Role.PLANNER, teams=["east"])
    assert limited.post(f"/v1/runs/{waiting}/stop").status_code == 403
    own = limited.post("/v1/runs", json=base).json()["id"]
    assert limited.post(f"/v1/runs/{own}/stop").status_code == 200
    assert client_of(Role.PLANNER).post(f"/v1/runs/{waiting}/stop").json()["status"] == "cancelled"
    worker = leases(service.database)
    held = worker.claim("w")
    assert held is not None
    told = client.post(f"/v1/runs/{solving}/stop").json()
    assert (told["status"], told["cancel_requested"]) == ("solving", True)
    assert worker.is_cancelled(held)
    worker.finish(held, PLAN)
    again = client.post(f"/v1/runs/{solving}/stop")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_step")
    assert client.post(f"/v1/runs/{NOBODY}/stop").status_code == 404
    assert broken(service.database) == []


@sqlite_only
def test_who_sees_a_part_is_not_told_what_names_others(
    client: TestClient, client_of: ClientOf, service: Service, base: dict[str, str]
) -> None:
    run_id = client.post("/v1/runs", json=base).json()["id"]
    worker = leases(service.database)
    held = worker.claim("w")
    assert held is not None
    worker.progress(held, {"stage": "solve", "objective": 7.0, "bound": 8.0, "gap": 0.125})
    progress = client_of(Role.ANALYST, teams=["west"]).get(f"/v1/runs/{run_id}").json()["progress"]
    assert (progress["objective"], progress["bound"], progress["gap"]) == (None, None, 0.125)
    worker.fail(held, "no plan exists: L07 may go to nobody", retry=False)
    assert "L07" in client.get(f"/v1/runs/{run_id}").json()["reason"]
    told = client_of(Role.ANALYST, teams=["west"]).get(f"/v1/runs/{run_id}").json()
    assert (told["reason"], told["result"]) == (
        "told to those only who see the whole company",
        None,
    )


def events_of(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the events of an answer: id, name, run."""
    found = []
    for block in text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


@sqlite_only
def test_events_tell_a_run_to_its_end(
    client: TestClient,
    service: Service,
    base: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_events, "LOOK_SECONDS", 0.01)
    run_id = client.post("/v1/runs", json=base).json()["id"]
    looked = threading.Event()
    look, number = run_events._look, itertools.count()  # noqa: SLF001

    def look_and_tell(*args: Any) -> Any:
        run = look(*args)
        # The first look is before the stream begins, and tells nothing.
        if next(number) and run.status == "solving":
            looked.set()
        return run

    monkeypatch.setattr(run_events, "_look", look_and_tell)

    def work() -> None:
        worker = leases(service.database)
        held = worker.claim("w")
        assert held is not None
        worker.progress(held, {"stage": "solve", "seconds": 1.0, "objective": 5.0})
        assert looked.wait(60)
        worker.finish(held, PLAN)

    thread = threading.Thread(target=work)
    thread.start()
    told = client.get(f"/v1/runs/{run_id}/events")
    thread.join()
    assert told.headers["content-type"].startswith("text/event-stream")
    events = events_of(told.text)
    assert [run["id"] for _, _, run in events] == [run_id] * len(events)
    assert any(run["progress"] and run["progress"]["objective"] == 5.0 for _, _, run in events)
    last, name, run = events[-1]
    assert (name, run["status"]) == ("ended", "solved")
    assert {name for _, name, _ in events[:-1]} == {"progress"}
    # Who heard the end asks for nothing more; who heard less hears the rest.
    again = client.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": last})
    assert (again.status_code, again.text) == (204, "")
    rest = client.get(f"/v1/runs/{run_id}/events", headers={"Last-Event-ID": events[0][0]})
    assert events_of(rest.text) == events[-1:]
    assert client.get(f"/v1/runs/{NOBODY}/events").status_code == 404


@sqlite_only
def test_events_end_after_a_while_and_hold_nothing(
    client: TestClient,
    service: Service,
    base: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_events, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(run_events, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(run_events, "LONGEST_SECONDS", 0.05)
    run_id = client.post("/v1/runs", json=base).json()["id"]
    told = client.get(f"/v1/runs/{run_id}/events").text
    assert [name for _, name, _ in events_of(told)] == ["progress"]
    assert ": ping" in told
    object.__setattr__(service, "streams", Streams(1))
    with service.streams.one():
        busy = client.get(f"/v1/runs/{run_id}/events")
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")
    assert client.get(f"/v1/runs/{run_id}/events").status_code == 200


def scenario(base: dict[str, str], *changes: dict[str, Any]) -> dict[str, Any]:
    """Return a request for a scenario."""
    return {"name": "two leave", **base, "changes": list(changes)}


def test_texts_of_a_scenario_stay_texts(client: TestClient, base: dict[str, str]) -> None:
    named = scenario(base, {"rep_leaves": {"where": {"name": "5E2"}}}) | {"name": "5e2"}
    told = client.post("/v1/scenarios", json=named)
    assert (told.status_code, told.json()["name"]) == (201, "5e2")
    assert "where name is 5E2 leave" in told.json()["sentences"][0]
    deep: list[Any] = []
    for _ in range(400):
        deep = [deep]
    told = client.post("/v1/scenarios", json=scenario(base, {"rep_leaves": deep}))
    assert (told.status_code, "nested" in told.text) == (422, True)


def test_a_scenario_is_kept(client: TestClient, base: dict[str, str], service: Service) -> None:
    told = client.post("/v1/scenarios", json=scenario(base, {"rep_leaves": {"reps": ["R1"]}}))
    assert told.status_code == 201
    kept = told.json()
    assert kept["sentences"] == ["R1 leaves; pins to them lapse."]
    assert client.get(told.headers["location"]).json() == kept
    assert client.get("/v1/scenarios").json()["items"] == [kept]
    plan_id = add_plan_of(service, base["snapshot"], base["policy"])
    run = client.post("/v1/runs", json={"scenario": kept["id"]}).json()
    assert run["asked"]["scenario"] == kept["id"]
    assert (run["asked"]["from_plan"], run["asked"]["holds_totals"]) == (plan_id, True)
    assert broken(service.database) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [{"rep_leavs": {}}],
            "entry 1 of changes: changes: unknown change 'rep_leavs'; the ne",
        ),
        ([{"rep_leaves": {"reps": ["R1"]}}, {"a": 1, "b": 2}], "entry 2 of changes: changes: got "),
        (
            [{"rep_leaves": {"reps": 5}}],
            "entry 1 of changes: changes.rep_leaves.reps: got 5; must",
        ),
        ([{"leads_from": {"file": "/etc/passwd"}}], "reads a file"),
        ([{"rep_leaves": {"reps": "x" * 600_000}}], "bytes as YAML"),
        ([], "changes"),
    ],
)
@sqlite_only
def test_every_fault_of_a_scenario_is_told(
    client: TestClient, base: dict[str, str], changes: list[dict[str, Any]], words: str
) -> None:
    told = client.post("/v1/scenarios", json=scenario(base, *changes))
    assert told.status_code == 422
    said = " ".join([told.json()["detail"], *told.json()["faults"]])
    assert words in said
    assert "line 1" not in said
    other = scenario({"snapshot": NOBODY, "policy": NOBODY}, {"rep_leaves": {"reps": ["R1"]}})
    faults = client.post("/v1/scenarios", json=other).json()["detail"]
    assert "no snapshot" in faults
    assert "no policy" in faults


@sqlite_only
def test_an_assignment_is_kept_with_its_run(
    client: TestClient, service: Service, base: dict[str, str]
) -> None:
    sent = {"assignments": ("owners.csv", b"lead_id,rep_id\nL01,R1\n")}
    key = {"Idempotency-Key": "k"}
    told = client.post("/v1/evaluations", data=base, files=sent, headers=key)
    assert told.status_code == 202
    run = told.json()
    assert (run["kind"], run["asked"]["file"]) == ("evaluate", "assignments.csv")
    kept = service.copies.directory(run["id"]) / "assignments.csv"
    assert kept.read_bytes() == sent["assignments"][1]
    assert client.post("/v1/evaluations", data=base, files=sent, headers=key).json() == run
    other = {"assignments": ("owners.csv", b"lead_id,rep_id\nL01,R2\n")}
    again = client.post("/v1/evaluations", data=base, files=other, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "key_reused")
    wrong = client.post("/v1/evaluations", data=base, files={"assignments": ("owners.xlsx", b"PK")})
    assert wrong.status_code == 422
    assert ".csv or .parquet" in wrong.json()["detail"]
    assert Queue(service.database).get(run["id"]).status is RunStatus.QUEUED
    assert broken(service.database) == []


@sqlite_only
def test_who_may(client_of: ClientOf, base: dict[str, str]) -> None:
    told = {role: client_of(role).post("/v1/runs", json=base).status_code for role in (None, *Role)}
    assert told.pop(None) == 401
    allowed = {role for role, status in told.items() if status == 202}
    assert allowed == {Role.ANALYST, Role.PLANNER, Role.ADMIN}
    assert set(told.values()) == {202, 403}
