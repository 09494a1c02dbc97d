"""Runs that are performed by a real worker in real processes.

Reliability tests 5 (cancel), 7 (nothing is published unchecked) and 9 (the same again).
"""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from api.errors import IllegalStepError
from api.jobs.perform import Performer
from api.jobs.queue import Queue
from api.jobs.tasks.task import LimitsAsked
from api.jobs.worker import Worker
from api.schemas.scenarios import NewScenario
from api.services.scenarios import add_scenario
from api.store.columns import new_id
from api.store.current import make_current
from api.store.dialect import now
from api.store.tables import AuditRow, PinRow, PlanRow, PublicationRow, RunStatus
from api.worker import worker_of
from models.files.plan_files import read_plan
from models.files.snapshot_files import read_snapshot
from planner.check import check
from planner.policy import policy_from_text
from tests.api.company import HEADER, POLICY, add_company, add_plan_of, add_rules
from tests.api.invariants import broken
from tests.api.jobs.asked import ask_diagnosis, ask_evaluation, ask_plan, sqlite_only
from tests.api.jobs.shop import publish
from tests.api.jobs.test_kills import wait_for

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.jobs.context import Context
    from api.jobs.run import Done, Held, Run
    from api.services.service import Service
    from api.store.tables import RunRow


def performed(service: Service, run_id: str) -> Run:
    """Have a worker do what waits; return a run as it ended."""
    worker_of(service).work(until_idle=True)
    assert list(service.scratch.iterdir()) == []
    assert broken(service.database) == []
    return Queue(service.database).get(run_id)


def plan_row(service: Service, run: Run) -> PlanRow:
    """Return the plan that a run left."""
    assert run.plan_id is not None, run.reason
    with service.database.reading() as session:
        return session.get_one(PlanRow, run.plan_id)


def pin(service: Service, **told: Any) -> str:
    """Set a pin; return its id."""
    with service.database.writing() as session:
        row = PinRow(id=new_id(), reason="", created_at=now(session), created_by="ann", **told)
        session.add(row)
        return row.id


def test_the_same_is_asked_again(service: Service) -> None:
    # On either database, by another worker, and in another process: the plan is the same.
    snapshot_id, policy_id = add_company(service), add_rules(service)
    here = add_plan_of(service, snapshot_id, policy_id)
    run = performed(service, ask_plan(service, snapshot_id, policy_id))
    row = plan_row(service, run)
    assert (run.status, run.reason) == (RunStatus.SOLVED, "optimal")
    assert run.progressed_at is not None
    with service.database.reading() as session:
        assert row.hash == session.get_one(PlanRow, here).hash
    assert row.record["baselines"].keys() == {"greedy", "round_robin"}
    assert row.origin == {"pins": []}
    directory = service.copies.directory(row.id)
    assert {"leads.parquet", "plan.json", "assignments.csv"} <= {
        path.name for path in directory.iterdir()
    }


@sqlite_only
def test_pins_scenarios_and_earlier_plans(service: Service) -> None:
    snapshot_id, policy_id = add_company(service), add_rules(service)
    here = add_plan_of(service, snapshot_id, policy_id)
    holds = pin(service, lead_id="L02", kind="fixed", rep_id="R4")
    pin(service, lead_id="L99", kind="fixed", rep_id="R4", removed_at=None)
    gone = pin(service, lead_id="L04", kind="fixed", team="north")
    new = NewScenario(
        name="one leaves",
        snapshot=snapshot_id,
        policy=policy_id,
        changes=[{"rep_leaves": {"reps": ["R3"]}}],
    )
    with service.database.writing() as session:
        scenario_id = add_scenario(session, new, "ann").id
    more: dict[str, Any] = {
        "scenario_id": scenario_id,
        "from_plan": here,
        "holds_totals": True,
    }
    run = performed(service, ask_plan(service, snapshot_id, policy_id, **more))
    row = plan_row(service, run)
    assert run.result is not None
    assert gone in run.result["pins_left_out"]
    assert holds not in run.result["pins_left_out"]
    assert holds in {told["id"] for told in row.origin["pins"]}
    assert (row.scenario_id, row.record["feasible"]) == (scenario_id, True)
    reps = read_plan(service.copies.directory(row.id)).assignments.set_index("lead_id")["rep_id"]
    assert reps["L02"] == "R4"
    assert "R3" not in set(reps)


@sqlite_only
def test_an_assignment_that_breaks_rules_is_never_published(
    service: Service, tmp_path: Path
) -> None:
    snapshot_id, policy_id = add_company(service), add_rules(service)
    file = tmp_path / "assignments.csv"
    file.write_text("lead_id,rep_id\n" + "".join(f"L{n:02},R1\n" for n in range(1, 19)))
    diagnosis = ask_diagnosis(service, snapshot_id, policy_id)
    torn = tmp_path / "assignments.parquet"
    torn.write_bytes(b"PAR1")
    bad = ask_evaluation(service, snapshot_id, policy_id, torn)
    run = performed(service, ask_evaluation(service, snapshot_id, policy_id, file))
    row = plan_row(service, run)
    assert (run.status, run.reason) == (RunStatus.SOLVED, "evaluated")
    assert row.record["feasible"] is False
    with pytest.raises(IllegalStepError, match="has not passed the independent checker"):
        with_publication(service, row)
    assert broken(service.database) == []
    found = Queue(service.database).get(diagnosis)
    assert found.result is not None
    assert (found.status, found.reason) == (RunStatus.SOLVED, "feasible")
    assert found.result["diagnosis"]["status"] == "feasible"
    refused = Queue(service.database).get(bad)
    assert (refused.status, refused.attempts) == (RunStatus.FAILED, 1)
    told = str(refused.reason)
    assert told.startswith("given/input/assignments.parquet cannot be read as an assignment")
    assert found.result["diagnosis"]["text"] == "A plan exists: every limit and duty can hold."


def with_publication(service: Service, plan: PlanRow) -> None:
    """Publish a plan."""
    with service.database.writing() as session:
        new = PublicationRow(
            id=new_id(), plan_id=plan.id, created_at=now(session), created_by="ann"
        )
        make_current(session, new, "ann")


@sqlite_only
def test_what_cannot_be_done_has_a_readable_reason(service: Service) -> None:
    # The first is refused before its process, the second by it.
    object.__setattr__(service, "settings", service.settings.model_copy(update={"max_pairs": 71}))
    snapshot_id, policy_id = add_company(service), add_rules(service)
    early = ask_plan(service, "0" * 32, policy_id)
    late = performed(service, ask_plan(service, snapshot_id, policy_id))
    assert (late.status, late.attempts) == (RunStatus.FAILED, 1)
    assert str(late.reason).startswith("18 leads x 4 reps are 72 pairs; this installation allows")
    ended = Queue(service.database).get(early)
    assert (ended.status, ended.attempts) == (RunStatus.FAILED, 1)
    old = "those older than FAIRLEAD_RETENTION_DAYS are removed"
    assert ended.reason == f"{'0' * 32} has no files: {old}"


def hard_company(service: Service, leads: int = 300, reps: int = 12) -> tuple[str, str]:
    """Take a company in whose optimum nobody proves within minutes; return tables and rules."""
    chance = random.Random(7)  # noqa: S311
    tables = {
        "snapshot.yaml": HEADER,
        "reps.csv": "rep_id,team,regions,capacity_hours\n"
        + "".join(f"R{n},all,US,{chance.randint(30, 40)}\n" for n in range(reps)),
        "leads.csv": "lead_id,region,effort_hours,amount,win_probability,grade\n"
        + "".join(
            f"L{n},US,{chance.uniform(1, 9):.3f},{chance.uniform(900, 9000):.2f},0.5,A\n"
            for n in range(leads)
        ),
    }
    rules = POLICY.replace(
        "measure: count, at_most: max_leads", "measure: effort_hours, at_most: capacity_hours"
    )
    return add_company(service, tables), add_rules(service, rules)


ENDLESS = LimitsAsked(seconds=600, gap=0)
MOMENTS = ("queued", "building", "solving", "publishing")


class Publishing:
    """Performs as a worker does, and publishes at the end unless the run was cancelled.

    Attributes
    ----------
    done : set when a run's end is about to be written
    go : the end is written once it is set
    """

    def __init__(self, service: Service) -> None:
        self._perform = Performer(
            service.database, service.copies, service.scratch, service.settings
        )
        self.done, self.go = threading.Event(), threading.Event()

    def __call__(self, held: Held, context: Context) -> Done:
        """Perform a run."""
        done = self._perform(held, context)
        self.done.set()
        assert self.go.wait(60)

        def write(session: Session, run: RunRow) -> None:
            assert done.write is not None
            done.write(session, run)
            plan = session.scalars(select(PlanRow).where(PlanRow.run_id == run.id)).one()
            publish(session, run, plan)

        return replace(done, write=write)


def cancel_at(service: Service, ids: tuple[str, str], moment: str) -> Run:
    """Cancel a run at a moment; return it as it ended. Nothing is published afterwards."""
    queue = Queue(service.database)
    limits = LimitsAsked(seconds=1) if moment == "publishing" else ENDLESS
    run_id = ask_plan(service, *ids, limits=limits, rule_prices=False, publishes=True)
    perform = Publishing(service)
    worker = Worker(service.database, perform, name="w", settings=service.settings)
    if moment == "queued":
        queue.cancel(run_id, "ann")
    thread = threading.Thread(target=worker.work, kwargs={"until_idle": True})
    thread.start()
    if moment == "building":
        wait_for(lambda: queue.get(run_id).started_at is not None)
    elif moment == "solving":
        wait_for(lambda: has_plan(queue.get(run_id)))
    elif moment == "publishing":
        assert perform.done.wait(60)
    if moment != "queued":
        queue.cancel(run_id, "ann")
    perform.go.set()
    thread.join()
    with service.database.reading() as session:
        assert session.scalars(select(PublicationRow)).all() == []
    assert broken(service.database) == []
    return queue.get(run_id)


def has_plan(run: Run) -> bool:
    """Return whether a run tells figures of a plan."""
    return run.progress is not None and run.progress.get("objective") is not None


@sqlite_only
def test_cancelled_runs_publish_nothing_and_keep_their_plan(service: Service) -> None:
    ids = hard_company(service)
    moments = ("queued", "solving", "publishing")
    ended = {moment: cancel_at(service, ids, moment) for moment in moments}
    statuses = {moment: run.status for moment, run in ended.items()}
    assert statuses["queued"] is RunStatus.CANCELLED
    assert statuses["solving"] is RunStatus.SOLVED
    assert ended["solving"].reason == "cancelled"
    assert statuses["publishing"] is RunStatus.SOLVED
    refuse_unchecked(service, ended["solving"])


def refuse_unchecked(service: Service, run: Run) -> None:
    """Check the plan of a run against its tables, by the rules' own words."""
    row = plan_row(service, run)
    plan = read_plan(service.copies.directory(row.id))
    policy = policy_from_text(plan.policy_text)
    snapshot = read_snapshot(service.copies.directory(str(row.snapshot_id)), keep=policy.columns())
    assert check(policy, snapshot, plan.assignments, plan.record.settled) == []


def cancelled_at(service: Service, run_id: str) -> datetime:
    """Return when the cancelling of a run was acknowledged."""
    query = select(AuditRow.at).where(
        AuditRow.subject == run_id, AuditRow.action == "run_cancelled"
    )
    with service.database.reading() as session:
        return session.scalars(query.order_by(AuditRow.number)).first() or now(session)


@pytest.mark.hard
@pytest.mark.parametrize("count", [100])
def test_many_cancelled_runs_publish_nothing(service: Service, count: int) -> None:
    ids = hard_company(service)
    chance = random.Random(5)  # noqa: S311
    seconds = []
    for _ in range(count):
        run = cancel_at(service, ids, chance.choice(MOMENTS))
        assert run.ended_at is not None
        seconds.append((run.ended_at - cancelled_at(service, run.id)).total_seconds())
    seconds.sort()
    assert seconds[len(seconds) // 2] <= 2.0
    assert seconds[-1] <= 5.0


@pytest.mark.hard
@pytest.mark.parametrize("count", [50])
def test_the_same_is_asked_many_times(service: Service, count: int) -> None:
    snapshot_id, policy_id = hard_company(service, leads=120, reps=6)
    limits = LimitsAsked(seconds=60, iterations=20, gap=0)
    for _ in range(count):
        ask_plan(service, snapshot_id, policy_id, limits=limits, rule_prices=False)
        worker_of(service).work(until_idle=True)
    with service.database.reading() as session:
        hashes = session.scalars(select(PlanRow.hash)).all()
    assert len(hashes) == count
    assert len(set(hashes)) == 1


@pytest.mark.hard
@pytest.mark.parametrize("seconds", [1.0, 5.0, 30.0])
@pytest.mark.parametrize("engine", ["auto", "exact", "prices"])
@pytest.mark.parametrize("size", [(60, 5), (300, 12), (2000, 40)])
@sqlite_only
def test_time_limits_hold_and_keep_the_plan(
    service: Service, seconds: float, engine: str, size: tuple[int, int]
) -> None:
    ids = hard_company(service, *size)
    limits = LimitsAsked(seconds=seconds, gap=0)
    run = performed(
        service, ask_plan(service, *ids, limits=limits, engine=engine, rule_prices=False)
    )
    record = plan_row(service, run).record
    assert record["gap"] is not None
    spent = record["timings"]["stages"] + record["timings"]["solve"]
    assert spent <= 1.1 * seconds + 2.0
    refuse_unchecked(service, run)
