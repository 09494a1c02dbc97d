"""Which of some leads somebody sees, wherever they are: in the current publication, or only in the
newest tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.errors import NotFoundError
from api.services.access.visibility import visible
from api.services.holdings import Holdings
from api.services.snapshots import newest_or_none

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from api.services.access.principal import Principal
    from api.store.copies import Copies


@dataclass(frozen=True)
class Sight:
    """What somebody sees in a transaction."""

    session: Session
    copies: Copies
    who: Principal

    def of(self, lead_ids: Collection[str]) -> set[str]:
        """Return those of some leads that the caller sees; who sees all sees old ones, too."""
        if self.who.sees_all:
            return set(lead_ids)
        try:
            holdings = Holdings.of(self.session, self.copies)
        except NotFoundError:
            return set()
        return set(visible(self.who, holdings.leads(lead_ids))["lead_id"].to_pylist())

    def refuse_unknown(self, lead_id: str) -> None:
        """Raise NotFoundError unless there is such a lead, and the caller sees it."""
        if not self.who.sees_all:
            found = bool(self.of([lead_id]))
        else:
            found = self._is_published(lead_id) or self._is_in_tables(lead_id)
        if not found:
            raise NotFoundError(
                f"there is no lead {lead_id!r}, neither in the current publication nor in the "
                "newest tables"
            )

    def _is_published(self, lead_id: str) -> bool:
        try:
            holdings = Holdings.of(self.session, self.copies)
        except NotFoundError:
            return False
        return bool(holdings.leads([lead_id]).num_rows)

    def _is_in_tables(self, lead_id: str) -> bool:
        newest = newest_or_none(self.session)
        if newest is None:
            return False
        path = self.copies.directory(newest.id) / "leads.parquet"
        chosen = pc.field("lead_id") == lead_id
        return bool(pq.read_table(path, columns=["lead_id"], filters=chosen).num_rows)
