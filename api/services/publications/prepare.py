"""The whole assignment that a publication would make current, made beside the database."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from api.jobs.about import pins_in_force
from api.services.desk.assemble import Parts, Tables, assemble
from api.services.plans.plans import kept_sources
from api.services.publications.basis import (
    basis_of,
    current_of,
    moved_of,
    transfers_since,
)
from api.services.publications.breaches import Judged, judged
from api.services.publications.drafts import get_feasible_plan
from api.services.publications.scope import regions_of, teams_of
from api.services.publications.steps import Step, get_publication, is_legal
from api.services.snapshots import newest_or_none
from api.store.dialect import now
from api.store.tables import PlanRow, PublicationRow, SnapshotRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from api.services.desk.planned import Sources
    from api.services.desk.publication_files import Assembled
    from api.services.publications.basis import Basis
    from api.services.service import Service
    from api.store.columns import Json


@dataclass(frozen=True)
class Prepared:
    """A publication that is ready to become current, while its basis holds.

    Attributes
    ----------
    judged : what it breaks; None where it restores what was published before
    """

    basis: Basis
    assembled: Assembled
    judged: Judged | None = None


@dataclass(frozen=True)
class Candidate:
    """A plan that would be published.

    Attributes
    ----------
    plan : its directory; plan_hash : of its assignment
    tables : those that it was made from
    sources : what else it was made from; None where its tables are not kept any more
    part : what of it would be published; None is all of it
    known : what is kept of an earlier look at what it breaks; None if there was none
    """

    plan: Path
    plan_hash: str
    tables: Tables
    sources: Sources | None
    part: Json | None = None
    known: Json | None = None


@contextmanager
def prepared(service: Service, publication_id: str, step: Step) -> Iterator[Prepared | None]:
    """Give what a publication would make current now.

    Yields
    ------
    ready : None where its status does not allow the step, or, for the last one, where its date is
        still to come
    """
    candidate = _candidate(service, publication_id, step)
    if candidate is None:
        yield None
        return
    with prepared_plan(service, candidate) as ready:
        yield ready


@contextmanager
def prepared_plan(service: Service, candidate: Candidate) -> Iterator[Prepared]:
    """Give what a plan would make current now."""
    as_of = candidate.tables.as_of
    with service.database.reading() as session:
        basis = basis_of(session, as_of)
        parts = Parts(
            plan=candidate.plan,
            plan_hash=candidate.plan_hash,
            tables=candidate.tables,
            newest=newer_tables(session, service, as_of),
            current=current_of(basis, service.copies),
            moved=moved_of(transfers_since(session, basis.number, as_of)),
            teams=teams_of(candidate.part),
            regions=regions_of(candidate.part),
            moment=now(session),
            pins=pins_in_force(session),
        )
    newest = None if parts.newest is None else parts.newest.directory
    with TemporaryDirectory(dir=service.scratch) as scratch:
        assembled = service.clerk.ask(assemble, parts, Path(scratch))
        told = judged(service, basis, assembled, candidate.sources, newest, candidate.known)
        yield Prepared(basis, assembled, told)


def _candidate(service: Service, publication_id: str, step: Step) -> Candidate | None:
    """Return what a publication would publish; None where it is not to be made now."""
    with service.database.reading() as session:
        row = get_publication(session, publication_id)
        if not is_legal(row, step) or row.plan_id is None:
            return None
        if step is Step.PUBLISH and is_early(session, row):
            return None
        plan = get_feasible_plan(session, row.plan_id)
        tables = None if plan.snapshot_id is None else session.get(SnapshotRow, plan.snapshot_id)
        return Candidate(
            plan=service.copies.directory(plan.id),
            plan_hash=plan.hash,
            tables=Tables(_files(service, tables), true_at(plan)),
            sources=kept_sources(session, service.copies, plan),
            part=row.part,
            known=row.breaches,
        )


def _files(service: Service, tables: SnapshotRow | None) -> Path | None:
    """Return the directory of a snapshot; None where there is none, or retention took it away."""
    if tables is None or tables.removed_at is not None:
        return None
    return service.copies.directory(tables.id)


def newer_tables(session: Session, service: Service, as_of: datetime) -> Tables | None:
    """Return the newest tables, if they are newer than those that were true at a moment."""
    newest = newest_or_none(session)
    if newest is None or newest.as_of <= as_of:
        return None
    return Tables(_files(service, newest), newest.as_of)


def as_of_plan(session: Session, row: PublicationRow) -> datetime:
    """Return when the tables of a publication's plan were true."""
    return true_at(session.get_one(PlanRow, row.plan_id))


def true_at(plan: PlanRow) -> datetime:
    """Return when the tables of a plan were true."""
    return datetime.fromisoformat(plan.record["as_of"])


def is_early(session: Session, row: PublicationRow) -> bool:
    """Return whether the date of a publication is still to come."""
    return row.effective_at is not None and row.effective_at > now(session)
