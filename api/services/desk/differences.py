"""Compares an earlier publication with what is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from api.jobs.tasks.dress import GROUPS
from api.services.desk.publication_files import holdings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from api.services.desk.publication_files import Current, Moved

COLUMNS = ("change", "from_rep", "to_rep", "from_team", "to_team", "region")
MOVED, NEW, GONE = "moved", "new", "gone"


def write_differences(old: Current, current: Current, moved: Sequence[Moved], path: Path) -> None:
    """Write the leads that had another rep in an earlier publication than they have now, or are in
    only one of the two.

    Parameters
    ----------
    moved : transfers; those since the current publication count
    path : of the Parquet file; it appears whole
    """
    before, now = holdings(old, ()), holdings(current, moved)
    columns = ["rep_id", "team", "region"]
    both = pd.concat(
        [
            table[columns].set_axis([f"{when}_rep", f"{when}_team", f"{when}_region"], axis=1)
            for when, table in (("from", before), ("to", now))
        ],
        axis=1,
    )
    both["region"] = both["to_region"].where(both["to_region"].notna(), both["from_region"])
    differs = both["from_rep"].fillna("") != both["to_rep"].fillna("")
    both["change"] = MOVED
    both.loc[~both.index.isin(before.index), "change"] = NEW
    both.loc[~both.index.isin(now.index), "change"] = GONE
    differs |= both["change"] != MOVED
    told = both.loc[differs, list(COLUMNS)].sort_index().reset_index(names="lead_id")
    new = path.with_suffix(".new")
    told.astype("str").to_parquet(new, index=False, row_group_size=GROUPS)
    new.rename(path)
