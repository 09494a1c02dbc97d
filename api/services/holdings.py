"""Who has which lead now: the current publication, and what changed hands since."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select

from api.errors import NotFoundError
from api.services.desk.publication_files import ASSIGNMENT_FILE, REPS_FILE
from api.services.publications.basis import transfers_since
from api.store.tables import CurrentRow, TransferRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.store.copies import Copies

UNKNOWN_AFTER = ("expected_value", "score")
"""No plan tells the money of a pair that came by a transfer."""


@dataclass(frozen=True)
class Holdings:
    """Who has which lead.

    Attributes
    ----------
    number, publication_id : of the current publication
    directory : of its files
    moved : the latest transfer since, by lead
    transfers : all of them, oldest first
    """

    number: int
    publication_id: str
    directory: Path
    moved: Mapping[str, TransferRow]
    transfers: tuple[TransferRow, ...]

    @classmethod
    def of(cls, session: Session, copies: Copies) -> Holdings:
        """Return who has which lead; NotFoundError before the first publication."""
        current = session.scalars(select(CurrentRow)).one()
        if current.publication_id is None:
            raise NotFoundError("nothing is published yet; publish a plan first")
        transfers = tuple(transfers_since(session, current.number, None))
        return cls(
            number=current.number,
            publication_id=current.publication_id,
            directory=copies.directory(current.publication_id),
            moved={row.lead_id: row for row in transfers},
            transfers=transfers,
        )

    @property
    def path(self) -> Path:
        """The file of the current publication's assignment."""
        return self.directory / ASSIGNMENT_FILE

    @property
    def version(self) -> str:
        """What tells this moment's holdings from earlier and later ones."""
        newest = self.transfers[-1].id if self.transfers else ""
        return f"{self.number} {len(self.transfers)} {newest}"

    @cached_property
    def team_of(self) -> dict[str, str | None]:
        """The team by rep_id, of all reps."""
        reps = pq.read_table(self.directory / REPS_FILE)
        return dict(zip(reps["rep_id"].to_pylist(), reps["team"].to_pylist(), strict=True))

    def amended(self, leads: pa.Table) -> pa.Table:
        """Return rows of the current assignment as they are now."""
        known = pa.array(list(self.moved), leads["lead_id"].type)
        if not len(known):
            return leads
        at = pc.index_in(leads["lead_id"], value_set=known)
        is_moved = pc.is_valid(at)
        rows = list(self.moved.values())
        reps = [row.to_rep for row in rows]
        for name, told in (
            ("rep_id", reps),
            ("team", [None if rep is None else self.team_of.get(rep) for rep in reps]),
            ("since", [row.at for row in rows]),
            *((name, [None] * len(rows)) for name in UNKNOWN_AFTER),
        ):
            now = pc.take(pa.array(told, leads[name].type), at)
            column = pc.if_else(is_moved, now, leads[name])
            leads = leads.set_column(leads.schema.get_field_index(name), name, column)
        return leads

    def leads(self, lead_ids: Collection[str]) -> pa.Table:
        """Return the rows of some leads; those that are not in it are left out."""
        wanted = pa.array(sorted(lead_ids), pa.large_string())
        # The file is sorted, so of a single lead only one group of rows is read.
        return self.amended(pq.read_table(self.path, filters=pc.field("lead_id").isin(wanted)))

    def book(self, rep_id: str) -> pa.Table:
        """Return the rows of a rep, by lead_id."""
        came = [lead_id for lead_id, row in self.moved.items() if row.to_rep == rep_id]
        field = pc.field("rep_id") == rep_id
        if came:
            field |= pc.field("lead_id").isin(sorted(came))
        found = self.amended(pq.read_table(self.path, filters=field))
        return found.filter(pc.equal(found["rep_id"], rep_id))
