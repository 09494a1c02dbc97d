"""Makes the assignment of an earlier publication anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from api.services.desk.publication_files import (
    REFUSED,
    differ,
    holdings,
    read_assignment,
    read_teams,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.services.desk.publication_files import Assembled, Current, Moved


def restore(old: Path, current: Current, moved: Sequence[Moved], out: Path) -> Assembled:
    """Write the assignment of an earlier publication again; leads that came since stay as they are.

    Parameters
    ----------
    old : directory of the earlier publication
    out : a directory
    """
    table, before = read_assignment(old), holdings(current, moved)
    came = before[~before.index.isin(table.index)]
    held = before["rep_id"].reindex(table.index)
    counts = {
        "leads": len(table) + len(came),
        "assigned": int(table["rep_id"].notna().sum() + came["rep_id"].notna().sum()),
        "taken": len(table),
        "changed": int(differ(table["rep_id"], held).sum()),
        "refused": 0,
        "new": int((~table.index.isin(before.index)).sum()),
        "gone": 0,
    }
    if len(came):
        table = pd.concat([table, came])
    nothing = pd.DataFrame(columns=list(REFUSED), index=table.index[:0], dtype="str")
    return written(table, nothing, read_teams(old, current.directory), counts, out)
