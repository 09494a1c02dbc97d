"""Whose names and contacts somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.errors import NotFoundError
from api.services.access.visibility import is_told, reps_within
from api.services.holdings import Holdings
from api.services.people import REPS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.store.copies import Copies

COLUMNS = ("lead_id", "rep_id", "region", "team")
"""Of leads with who has them, as `is_told` takes them."""


@dataclass(frozen=True)
class Contacts:
    """Whose names and contacts, of those that a snapshot tells, somebody is told.

    Who has a lead now counts, in whatever it is asked for: an old plan, or one that was only tried,
    is no way to the contacts of others. A lead that was never published is with its owner of the
    tables.
    """

    session: Session
    copies: Copies
    who: Principal
    snapshot_id: str

    def told(self, table: str, ids: Collection[str]) -> frozenset[str]:
        """Return those of some leads, or reps, whose names and contacts may be told."""
        if self.who.sees_all or not ids:
            return frozenset(ids)
        if table == REPS:
            reps = self._read("reps", ("rep_id", "team"))
            return reps_within(self.who, reps, self._leads(None)) & frozenset(ids)
        leads = self._leads(ids)
        return frozenset(leads.filter(is_told(self.who, leads))["lead_id"].to_pylist())

    def _leads(self, ids: Collection[str] | None) -> pa.Table:
        """Return leads, all if no ids are given, with who has them now."""
        owned = self._read("leads", ("lead_id", "owner", "region"), ids)
        owned = owned.rename_columns(["lead_id", "rep_id", "region"])
        owned = owned.join(self._read("reps", ("rep_id", "team")), "rep_id").select(COLUMNS)
        try:
            holdings = Holdings.of(self.session, self.copies)
        except NotFoundError:
            return owned
        published = holdings.leads(owned["lead_id"].to_pylist())
        published = _as_text(published.select(COLUMNS))
        is_known = pc.is_in(owned["lead_id"], value_set=published["lead_id"].combine_chunks())
        return pa.concat_tables([published, owned.filter(pc.invert(is_known))])

    def _read(
        self, table: str, names: tuple[str, ...], ids: Collection[str] | None = None
    ) -> pa.Table:
        """Return columns of a table as text, null where it has none; of some ids only."""
        path: Path = self.copies.directory(self.snapshot_id) / f"{table}.parquet"
        there = set(pq.read_schema(path).names)
        chosen = None if ids is None else pc.field(names[0]).isin(sorted(ids))
        read = pq.read_table(path, columns=[one for one in names if one in there], filters=chosen)
        for name in names:
            if name not in there:
                read = read.append_column(name, pa.nulls(len(read), pa.string()))
        return _as_text(read.select(names))


def _as_text(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))
