"""The weekly rebalance: the newest tables, a plan from the current assignment, its rules, and what
follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from api.errors import (
    BreachError,
    LeavesOutError,
    NotFoundError,
    OtherCompanyError,
    WithdrawnError,
)
from api.jobs.about import pins_in_force
from api.jobs.perform import PREFIX, UNLIMITED_SECONDS, record_of, result_of
from api.jobs.plans import Origin, add_plan
from api.jobs.process import CHILD, perform_task
from api.jobs.run import Done
from api.jobs.tasks.task import PLAN, Company, LimitsAsked, RebalanceTask
from api.schemas.publications import NewPublication
from api.schemas.schedules import Rebalance, Then
from api.services.access.principal import Principal
from api.services.access.roles import Role
from api.services.desk.assemble import Tables
from api.services.desk.intake import take_export, take_tables
from api.services.desk.planned import Sources
from api.services.holdings import Holdings
from api.services.policies import newest_policy
from api.services.publications.approval import Verdict, approve, refuse_harmful, submit
from api.services.publications.drafts import add_draft
from api.services.publications.prepare import Candidate, prepared_plan
from api.services.same_company import why_another
from api.services.schedules import allowed_folder, get_schedule
from api.services.snapshots import add_snapshot, newest_snapshot, refuse_read_again, refuse_to_come
from api.store.dialect import now
from api.store.tables import ScheduleRow
from models.errors import UsageError
from models.files.mapping_reader import mapping_from_text
from planner.engines.workspace import workspace

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.jobs.context import Context
    from api.jobs.run import Held
    from api.jobs.tasks.task import Answer, Pin
    from api.services.desk.intake import Taken
    from api.services.publications.prepare import Prepared
    from api.services.service import Service
    from api.store.tables import RunRow

CURRENT_FILE, MAPPING_FILE = "current.parquet", "mapping.yaml"


@dataclass(frozen=True)
class Inputs:
    """What a rebalance is made from.

    Attributes
    ----------
    taken : tables that were read from a folder, and become a snapshot with the plan; or else
    snapshot_id : the newest one that there was
    current : a file of who has which lead; None before the first publication
    """

    tables: Path
    taken: Taken | None
    snapshot_id: str | None
    policy_id: str
    policy: str
    current: Path | None
    pins: tuple[Pin, ...]


@dataclass(frozen=True)
class Outlook:
    """What becomes of a plan.

    Attributes
    ----------
    text : tells it
    ready : what its publication would make current; None if there will be none
    """

    text: str
    ready: Prepared | None = None


@dataclass(frozen=True)
class Rebalancer:
    """Performs the runs of schedules."""

    service: Service
    child: str = CHILD

    def __call__(self, held: Held, context: Context) -> Done:
        """Return what is to be kept of a run.

        Raises
        ------
        ChildFault : its process was lost; another attempt may end otherwise
        FairleadError : it cannot be done; the text says why
        """
        asked = Rebalance.model_validate(held.payload["task"])
        directory = context.cleaning.enter_context(workspace(self.service.scratch, PREFIX))
        work = directory / "work"
        work.mkdir()
        inputs = self._inputs(asked, directory)
        settings = self.service.settings
        task = RebalanceTask(
            company=Company(
                tables=inputs.tables,
                policy=inputs.policy,
                policy_name=asked.policy,
                pins=inputs.pins,
                max_pairs=settings.max_pairs,
            ),
            limits=LimitsAsked(
                seconds=min(asked.seconds, settings.max_run_seconds),
                gap=asked.gap,
                seed=asked.seed,
                threads=settings.run_threads,
            ),
            memory_mb=settings.run_memory_mb,
            current=inputs.current,
            acceptance=asked.acceptance,
        )
        longest = 2 * settings.max_run_seconds + UNLIMITED_SECONDS
        answer = perform_task(task, work, context, longest=longest, child=self.child)
        outlook = Outlook("it was stopped, so it goes no further")
        if not context.cancelled:
            schedule = str(held.payload["schedule"])
            outlook = self._outlook(asked, schedule, inputs, work / PLAN, answer)

        def write(session: Session, run: RunRow) -> None:
            _write(session, run, asked, inputs, work / PLAN, outlook.ready)

        return Done(f"{answer.reason}; {outlook.text}", result_of(answer), write)

    def _outlook(
        self, asked: Rebalance, schedule: str, inputs: Inputs, plan: Path, answer: Answer
    ) -> Outlook:
        """Return what becomes of a plan, and why.

        What is to be published is looked at as if a person submitted it; nobody could tell a
        schedule what is refused.
        """
        broken = [judged.text for judged in answer.judged if not judged.passed]
        if broken:
            return Outlook(f"not accepted, so it goes no further: {' '.join(broken)}")
        accepted = "accepted, and " if answer.judged else ""
        if asked.then is Then.NOTHING:
            return Outlook(f"{accepted}is left as it is")
        with self.service.database.reading() as session:
            if session.get_one(ScheduleRow, schedule).removed_at is not None:
                return Outlook(f"{accepted}goes no further than a plan: its schedule was removed")
        with prepared_plan(self.service, self._candidate(inputs, plan)) as ready:
            try:
                refuse_harmful(ready, None, drop_most=False)
            except (BreachError, LeavesOutError) as error:
                return Outlook(f"{accepted}goes no further than a plan: {error}")
        follows = "is due to be published" if asked.then is Then.PUBLISH else "waits for approval"
        return Outlook(f"{accepted}{follows}", ready)

    def _candidate(self, inputs: Inputs, plan: Path) -> Candidate:
        record = record_of(plan)
        tables = inputs.tables
        if inputs.snapshot_id is not None:
            # The copy may have been removed while the plan was made.
            tables = self.service.copies.directory(inputs.snapshot_id)
        return Candidate(
            plan=plan,
            plan_hash=record.hashes["plan"],
            tables=Tables(tables, record.as_of),
            sources=Sources(plan, tables, pins=inputs.pins),
        )

    def _inputs(self, asked: Rebalance, directory: Path) -> Inputs:
        taken = None if asked.folder is None else self._read(asked, asked.folder, directory)
        with self.service.database.reading() as session:
            policy = newest_policy(session, asked.policy)
            snapshot_id = None if taken is not None else newest_snapshot(session).id
            pins = pins_in_force(session)
            try:
                held = Holdings.of(session, self.service.copies)
            except NotFoundError:
                # Nothing is published yet: the plan begins with the owners of the tables.
                held = None
        current = None
        if held is not None:
            current = directory / CURRENT_FILE
            columns = held.amended(pq.read_table(held.path)).select(["lead_id", "rep_id"])
            pq.write_table(columns, current)
        if snapshot_id is None:
            tables = directory / "kept"
        else:
            tables = self.service.copies.directory(snapshot_id)
        return Inputs(tables, taken, snapshot_id, policy.id, policy.text, current, pins)

    def _read(self, asked: Rebalance, name: str, directory: Path) -> Taken:
        """Return the tables of a folder, as they are kept.

        Raises
        ------
        WithdrawnError : they are those that were withdrawn
        InvalidRequestError : they are of a moment that is still to come
        OtherCompanyError : they seem to be another company's
        """
        taken = self._taken(asked, name, directory)
        try:
            with self.service.database.reading() as session:
                refuse_read_again(session, taken.content_hash)
                refuse_to_come(session, taken.as_of)
        except WithdrawnError as error:
            raise WithdrawnError(f"the folder {name!r} holds what was withdrawn: {error}") from None
        why = why_another(self.service, taken)
        if why is not None:
            raise OtherCompanyError(why)
        return taken

    def _taken(self, asked: Rebalance, name: str, directory: Path) -> Taken:
        folder = allowed_folder(self.service.settings, name)
        if not folder.is_dir():
            raise UsageError(f"the folder {name!r} is not there; nothing can be read from it")
        kept = directory / "kept"
        kept.mkdir()
        if asked.mapping is None:
            return self.service.clerk.ask(take_tables, folder, kept)
        mapping = directory / MAPPING_FILE
        mapping.write_text(asked.mapping, encoding="utf-8")
        as_of = None
        if mapping_from_text(asked.mapping).snapshot.as_of is None:
            as_of = _newest_change(folder)
        made = directory / "made"
        return self.service.clerk.ask(take_export, folder, mapping, made, kept, as_of)


def _newest_change(folder: Path) -> datetime:
    """Return when the newest file of a folder was written: when an export was made."""
    written = [path.stat().st_mtime for path in folder.rglob("*") if path.is_file()]
    if not written:
        raise UsageError(f"the folder {str(folder)!r} holds no files; nothing can be read from it")
    return datetime.fromtimestamp(max(written), UTC)


def _write(
    session: Session,
    run: RunRow,
    asked: Rebalance,
    inputs: Inputs,
    plan: Path,
    ready: Prepared | None,
) -> None:
    """Keep the plan, the tables that were read for it, and a publication if one follows.

    Parameters
    ----------
    ready : what the publication would make current; None if none follows

    Raises
    ------
    WithdrawnError, NotFoundError : meanwhile the tables were withdrawn, or the schedule removed
    """
    follows = ready is not None and not run.cancel_requested
    # It acts for whoever made it, who had the right to it.
    schedule = get_schedule(session, run.payload["schedule"], locked=True) if follows else None
    snapshot_id = inputs.snapshot_id
    if inputs.taken is not None:
        # They may have been withdrawn since they were read.
        refuse_read_again(session, inputs.taken.content_hash)
        snapshot_id = add_snapshot(session, inputs.taken, run.caller, run.caller).id
    further = {"pins": [pin.model_dump(mode="json") for pin in inputs.pins]}
    origin = Origin(snapshot_id, inputs.policy_id, further=further)
    row = add_plan(session, run, plan, origin)
    if schedule is None:
        return
    who = Principal.of(run.caller, run.caller, Role.ADMIN, {}, schedule.person)
    effective_at = now(session) if asked.then is Then.PUBLISH else None
    draft = NewPublication(plan=row.id, note="by a schedule", effective_at=effective_at)
    publication = add_draft(session, draft, who)
    session.flush()
    # The process that made the plan had every rule read again before it was kept.
    submit(session, publication, who, Verdict(again=True, faults=(), ready=ready))
    if asked.then is Then.PUBLISH:
        approve(session, publication, who, four_eyes=False)
