"""Which leads a publication would bring and drop, reckoned from ids alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from api.jobs.tasks.dress import LEADS_FILE
from api.services.desk.publication_files import ASSIGNMENT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


def foresee_leads(
    plan: Path, current: Path | None, newest: Path | None, *, is_part: bool
) -> dict[str, int]:
    """Return how many leads there would be, how many of them new, and how many gone.

    Parameters
    ----------
    plan : its directory
    current : of the current publication; None before the first
    newest : of tables that are newer than the plan's; None if there are none
    is_part : whether a part is published, which leaves all other leads alone
    """
    planned = _ids(plan / LEADS_FILE)
    if current is None:
        return {"leads": len(planned), "new": len(planned), "gone": 0}
    held = _ids(current / ASSIGNMENT_FILE)
    new = _others(planned, held)
    gone = 0 if is_part else len(_others(_others(held, planned), _known(newest)))
    return {"leads": len(held) + len(new) - gone, "new": len(new), "gone": gone}


def _known(newest: Path | None) -> pa.ChunkedArray | None:
    return None if newest is None else _ids(newest / "leads.parquet")


def _ids(path: Path) -> pa.ChunkedArray:
    return pq.read_table(path, columns=["lead_id"])["lead_id"].cast("large_string")


def _others(ids: pa.ChunkedArray, known: pa.ChunkedArray | None) -> pa.ChunkedArray:
    """Return the ids that are not among those that are known."""
    if known is None:
        return ids
    return ids.filter(pc.invert(pc.is_in(ids, value_set=known.combine_chunks())))
