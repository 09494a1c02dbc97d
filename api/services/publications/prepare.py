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
    newest_or_none,
    transfers_since,
)
from api.services.publications.breaches import Judged, judged
from api.services.publications.drafts import get_feasible_plan
from api.services.publications.scope import regions_of, teams_of
from api.services.publications.steps import Step, get_publication, is_legal
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
class _Found:
    """What a publication is made from and held against.

    Attributes
    ----------
    sources : of its plan; None where they are not kept any more
    known : what its row keeps of an earlier look at it
    """

    basis: Basis
    parts: Parts
    sources: Sources | None
    known: Json | None


@contextmanager
def prepared(service: Service, publication_id: str, step: Step) -> Iterator[Prepared | None]:
    """Give what a publication would make current now.

    Yields
    ------
    ready : None where its status does not allow the step, or, for the last one, where its date is
        still to come
    """
    found = _found(service, publication_id, step)
    if found is None:
        yield None
        return
    basis, parts = found.basis, found.parts
    newest = None if parts.newest is None else parts.newest.directory
    with TemporaryDirectory(dir=service.scratch) as scratch:
        assembled = service.clerk.ask(assemble, parts, Path(scratch))
        told = judged(service, basis, assembled, found.sources, newest, found.known)
        yield Prepared(basis, assembled, told)


def _found(service: Service, publication_id: str, step: Step) -> _Found | None:
    """Return what a publication is made from; None where it is not to be made now."""
    with service.database.reading() as session:
        row = get_publication(session, publication_id)
        if not is_legal(row, step) or row.plan_id is None:
            return None
        if step is Step.PUBLISH and is_early(session, row):
            return None
        plan = get_feasible_plan(session, row.plan_id)
        as_of = as_of_plan(session, row)
        basis = basis_of(session, as_of)
        moved = moved_of(transfers_since(session, basis.number, as_of))
        tables = None if plan.snapshot_id is None else session.get(SnapshotRow, plan.snapshot_id)
        newest = newer_tables(session, service, plan)
        sources = kept_sources(session, service.copies, plan)
        known = row.breaches
        pins = pins_in_force(session)
        moment = now(session)
    parts = Parts(
        plan=service.copies.directory(plan.id),
        plan_hash=plan.hash,
        tables=Tables(_files(service, tables), as_of),
        newest=newest,
        current=current_of(basis, service.copies),
        moved=moved,
        teams=teams_of(row.part),
        regions=regions_of(row.part),
        moment=moment,
        pins=pins,
    )
    return _Found(basis, parts, sources, known)


def _files(service: Service, tables: SnapshotRow | None) -> Path | None:
    """Return the directory of a snapshot; None where there is none, or retention took it away."""
    if tables is None or tables.removed_at is not None:
        return None
    return service.copies.directory(tables.id)


def newer_tables(session: Session, service: Service, plan: PlanRow) -> Tables | None:
    """Return the newest tables, if they are newer than those of a plan."""
    newest = newest_or_none(session)
    if newest is None or newest.as_of <= _as_of(plan):
        return None
    return Tables(_files(service, newest), newest.as_of)


def as_of_plan(session: Session, row: PublicationRow) -> datetime:
    """Return when the tables of a publication's plan were true."""
    return _as_of(session.get_one(PlanRow, row.plan_id))


def _as_of(plan: PlanRow) -> datetime:
    return datetime.fromisoformat(plan.record["as_of"])


def is_early(session: Session, row: PublicationRow) -> bool:
    """Return whether the date of a publication is still to come."""
    return row.effective_at is not None and row.effective_at > now(session)
