"""What holds for a database after every fault; see `test_invariants.py` for what it catches."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import select, text

from api.jobs.tasks.dress import LEADS_FILE
from api.jobs.tasks.task import Pin
from api.services.desk.planned import Sources, inputs_of
from api.services.desk.publication_files import ASSIGNMENT_FILE
from api.store.audit import audit_faults
from api.store.dialect import faults
from api.store.tables import (
    AuditRow,
    CurrentRow,
    FileRow,
    PlanRow,
    PublicationRow,
    PublicationStatus,
    RunRow,
    RunStatus,
    SnapshotRow,
    TransferRow,
)
from models.files.plan_files import read_plan
from models.plan import plan_hash
from planner.check import KNOWN_REP, check

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from api.store.database import Database

    Broken = tuple[str, str, str]

MOVED = {"claim": "lead_claimed", "return": "lead_returned", "override": "lead_overridden"}
CHECKED: dict[tuple[str, str, str], set[Broken]] = {}
"""What the checker found, by the hashes of plan, tables and publication: tests ask it often."""
# A cancelled run may be told twice: when it was asked for, and when its worker ended it.
ENDINGS = (RunStatus.SOLVED, RunStatus.FAILED)


def broken(database: Database) -> list[str]:
    """Return what does not hold, as sentences; none if all is well."""
    with database.reading() as session:
        return [
            *faults(session),
            *audit_faults(session),
            *_plans(session),
            *_publications(session),
            *_assignments(session),
            *_rules(session),
            *_audited(session),
        ]


def tamper(database: Database, statement: str) -> None:
    """Change a database as its owner can, who is not held back by what refuses it to others."""
    with database.writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_update"))
            session.execute(text("DROP TRIGGER audit_delete"))
        else:
            session.execute(text("DROP TRIGGER append_only ON audit"))
        session.execute(text(statement))


def _plans(session: Session) -> list[str]:
    solved = session.scalars(select(RunRow).where(RunRow.status == RunStatus.SOLVED)).all()
    plans = Counter(session.scalars(select(PlanRow.run_id)))
    return [
        *(
            f"solved run {run.id} has {plans[run.id]} plans and no other result"
            for run in solved
            if plans[run.id] > 1 or (plans[run.id] == 0 and run.result is None)
        ),
        *(
            f"run {run} has a plan and is not solved"
            for run in set(plans) - {run.id for run in solved}
        ),
    ]


def _publications(session: Session) -> list[str]:
    numbered = session.scalars(
        select(PublicationRow)
        .where(PublicationRow.number.is_not(None))
        .order_by(PublicationRow.number)
    ).all()
    found = []
    if [row.number for row in numbered] != list(range(1, len(numbered) + 1)):
        found.append(f"publications are numbered {[row.number for row in numbered]}")
    published = [row.id for row in numbered if row.status == PublicationStatus.PUBLISHED]
    current = session.scalars(select(CurrentRow)).one()
    newest = [row.id for row in numbered[-1:]]
    pointed = [] if current.publication_id is None else [current.publication_id]
    if not published == pointed == newest or current.number != len(numbered):
        found.append(f"published {published}, current {pointed}, newest {newest}")
    return found


def _assignments(session: Session) -> list[str]:
    """Return publications whose kept assignment is not what their row says, or is not whole."""
    found = []
    numbered = select(PublicationRow).where(PublicationRow.number.is_not(None))
    for row in session.scalars(numbered):
        table = _kept(session, row.id, ASSIGNMENT_FILE)
        if table is None:
            found.append(f"publication {row.number} has no assignment")
            continue
        if plan_hash(table) != row.hash:
            found.append(f"publication {row.number} has another assignment than its hash says")
        if not table["lead_id"].is_unique:
            found.append(f"publication {row.number} has leads twice")
        planned = None if row.plan_id is None else _kept(session, row.plan_id, LEADS_FILE)
        if planned is not None and not set(planned["lead_id"]) <= set(table["lead_id"]):
            found.append(f"publication {row.number} lacks leads of its plan")
    return found


def _rules(session: Session) -> list[str]:
    """Return publications that break a rule of their plan without telling so."""
    found = []
    query = select(PublicationRow, PlanRow).join(PlanRow, PlanRow.id == PublicationRow.plan_id)
    for row, plan in session.execute(query.where(PublicationRow.number.is_not(None))):
        snapshot = plan.snapshot_id and session.get_one(SnapshotRow, plan.snapshot_id)
        if not snapshot or snapshot.removed_at is not None:
            continue
        if row.breaches is None or row.breaches["counts"]["choice"]:
            found.append(f"publication {row.number} was not held against its rules")
            continue
        told = {(one["rule"], one["lead_id"], one["rep_id"]) for one in row.breaches["listed"]}
        table = _kept(session, row.id, ASSIGNMENT_FILE)
        if table is None:
            continue
        key = (plan.hash, snapshot.content_hash, str(row.hash))
        if key not in CHECKED:
            CHECKED[key] = _broken_rules(session, plan, table)
        found += [
            f"publication {row.number} breaks {' '.join(one)} and does not tell it"
            for one in sorted(CHECKED[key] - told)
        ]
    return found


def _broken_rules(session: Session, plan: PlanRow, table: pd.DataFrame) -> set[Broken]:
    """Return the rules of a plan that an assignment breaks, by the independent checker."""
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        for owner_id, name in ((plan.id, "plan"), (str(plan.snapshot_id), "tables")):
            restored(session, owner_id, root / name)
        pins = tuple(Pin.model_validate(told) for told in (plan.origin or {}).get("pins", ()))
        kept = read_plan(root / "plan")
        sources = Sources(root / "plan", root / "tables", pins=pins)
        snapshot, policy = inputs_of(sources, kept)
    known = table[table["lead_id"].isin(snapshot.leads["lead_id"])]
    found = check(policy, snapshot, known[["lead_id", "rep_id"]], kept.record.settled)
    return {(one.rule, one.lead_id, one.rep_id) for one in found if one.rule != KNOWN_REP}


def restored(session: Session, owner_id: str, directory: Path) -> None:
    """Write the files that are kept under an id."""
    directory.mkdir()
    names = session.scalars(select(FileRow.name).where(FileRow.owner_id == owner_id).distinct())
    for name in names.all():
        (directory / name).write_bytes(_content(session, owner_id, name))


def _kept(session: Session, owner_id: str, name: str) -> pd.DataFrame | None:
    """Return a table that is kept as a file; None where there is none."""
    content = _content(session, owner_id, name)
    return pd.read_parquet(BytesIO(content)) if content else None


def _content(session: Session, owner_id: str, name: str) -> bytes:
    pieces = session.scalars(
        select(FileRow.content)
        .where(FileRow.owner_id == owner_id, FileRow.name == name)
        .order_by(FileRow.number)
    )
    return b"".join(pieces)


def _audited(session: Session) -> list[str]:
    told = Counter((row.subject, row.action) for row in session.scalars(select(AuditRow)))
    runs = session.scalars(select(RunRow)).all()
    changes = [
        *((run.id, "run_asked") for run in runs),
        *((run.id, f"run_{run.status}") for run in runs if run.status in ENDINGS),
        *((plan, "published") for plan in session.scalars(_published_ids())),
        *((row.id, MOVED[row.kind]) for row in session.scalars(select(TransferRow))),
    ]
    return [
        f"{action} of {subject} is told {told[subject, action]} times"
        for subject, action in changes
        if told[subject, action] != 1
    ]


def _published_ids() -> Select[str]:
    return select(PublicationRow.id).where(PublicationRow.number.is_not(None))
