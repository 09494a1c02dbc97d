"""A small company for the service's tests, and what the service makes of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from api.jobs.plans import Origin, add_plan
from api.jobs.queue import Queue
from api.jobs.run import Done, NewRun
from api.jobs.tasks.dress import dress
from api.schemas.policies import NewPolicy
from api.services.desk.intake import take_tables
from api.services.policies import add_policy, get_policy
from api.services.publications.publish import publish_due
from api.services.snapshots import add_snapshot
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import PublicationRow, PublicationStatus
from models.files.plan_files import write_plan
from models.files.snapshot_files import read_snapshot
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from tests.api.jobs.shop import leases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.services.desk.intake import Taken
    from api.services.service import Service
    from models.plan import Plan
    from models.snapshot import Snapshot

    Files = tuple[tuple[str, bytes], ...]

HEADER = """\
schema: 1
as_of: 2026-11-20T18:00:00Z
timezone: America/New_York
currency: USD
"""
REPS = """\
rep_id,name,team,regions,capacity_hours,max_leads
R1,Ann Ames,east,US/East,40,4
R2,Bob Best,east,US/East,40,4
R3,Cleo Cole,west,US/West,40,4
R4,Dan Dale,west,US/West;US/East,40,4
"""
LEADS = "lead_id,region,grade,amount,win_probability,owner,company,email\n" + "".join(
    f"L{number:02},US/{'East' if number % 2 else 'West'}/{number % 3},{'ABC'[number % 3]},"
    f"{1000 + 37 * number},0.{number % 8 + 1},{('', 'R1', 'R3', 'R2')[number % 4]},"
    f"Company {number},person{number}@example.org\n"
    for number in range(1, 19)
)
POLICY = """\
version: 1
name: weekly
currency: USD
period: {starts: as_of, length: 1 week}
must:
  - region: {}
value:
  amount: {column: amount}
  win_probability: {column: win_probability}
capacity:
  - {measure: count, at_most: max_leads}
unassigned: {cost: 0%}
"""
TABLES: Mapping[str, str] = {"snapshot.yaml": HEADER, "reps.csv": REPS, "leads.csv": LEADS}


def write_company(directory: Path, tables: Mapping[str, str] = TABLES) -> Path:
    """Write tables into a new directory and return it."""
    directory.mkdir(parents=True)
    for name, text in tables.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def add_company(service: Service, tables: Mapping[str, str] = TABLES) -> str:
    """Take tables in; return the snapshot's id."""
    taken, files = _taken(tuple(tables.items()))
    with TemporaryDirectory(dir=service.scratch) as scratch:
        taken = replace(taken, files=_written(files, Path(scratch)))
        with service.database.writing() as session:
            return add_snapshot(session, taken, "upload", "key:test").id


def add_rules(service: Service, text: str = POLICY) -> str:
    """Keep a policy; return its id."""
    with service.database.writing() as session:
        return add_policy(session, NewPolicy(name="weekly", text=text), "key:test").id


def add_plan_of(service: Service, snapshot_id: str, policy_id: str) -> str:
    """Plan a company as a worker would, and keep the plan; return its id."""
    with service.database.reading() as session:
        policy = get_policy(session, policy_id)
    files = _planned(_read(service.copies.directory(snapshot_id)), policy.text, policy.name)
    with TemporaryDirectory(dir=service.scratch) as scratch:
        _written(files, Path(scratch))
        return _add_plan(service, Path(scratch), Origin(snapshot_id, policy_id))


def add_made_plan(service: Service, snapshot: Snapshot, plan: Plan, origin: Origin) -> str:
    """Keep a plan as what a run left; return its id."""
    with TemporaryDirectory(dir=service.scratch) as scratch:
        directory = Path(scratch) / "plan"
        write_plan(plan, directory)
        dress(snapshot, plan, directory)
        return _add_plan(service, directory, origin)


def _add_plan(service: Service, directory: Path, origin: Origin) -> str:
    queue, worker = Queue(service.database), leases(service.database)
    payload = {"snapshot": origin.snapshot_id, "policy": origin.policy_id}
    run = queue.enqueue(NewRun("solve", payload, "key:test"))
    held = worker.claim("test")
    assert held is not None
    assert held.id == run.id
    done = Done("optimal", write=lambda session, row: add_plan(session, row, directory, origin))
    worker.finish(held, done)
    plan_id = queue.get(run.id).plan_id
    assert plan_id is not None
    return plan_id


# Most tests have the same company and the same plan, so each is made once and kept anew.
@cache
def _taken(tables: tuple[tuple[str, str], ...]) -> tuple[Taken, Files]:
    with TemporaryDirectory() as scratch:
        sent, kept = write_company(Path(scratch) / "sent", dict(tables)), Path(scratch) / "kept"
        kept.mkdir()
        return take_tables(sent, kept), _read(kept)


@cache
def _planned(files: Files, text: str, name: str) -> Files:
    policy = policy_from_text(text, name)
    with TemporaryDirectory() as scratch:
        _written(files, Path(scratch))
        snapshot = read_snapshot(Path(scratch), keep=policy.columns())
        plan = make_plan(snapshot, policy, limits=Limits(seconds=10, threads=1), isolated=False)
        directory = Path(scratch) / "plan"
        write_plan(plan, directory)
        dress(snapshot, plan, directory)
        return _read(directory)


def _read(directory: Path) -> Files:
    return tuple((path.name, path.read_bytes()) for path in sorted(directory.iterdir()))


def _written(files: Files, directory: Path) -> tuple[Path, ...]:
    for name, content in files:
        (directory / name).write_bytes(content)
    return tuple(directory / name for name, _ in files)


def publish(service: Service, plan_id: str) -> None:
    """Make a plan the current one."""
    publication_id = add_approved(service, plan_id)
    assert publish_due(service) == [publication_id]


def add_approved(service: Service, plan_id: str) -> str:
    """Add a publication of a plan that is due; return its id."""
    with service.database.writing() as session:
        moment = now(session)
        row = PublicationRow(
            id=new_id(),
            plan_id=plan_id,
            status=PublicationStatus.APPROVED,
            effective_at=moment,
            created_at=moment,
            created_by="key:test",
        )
        session.add(row)
        return row.id
