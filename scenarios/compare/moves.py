"""Which leads change hands between two plans, and between whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from models.plan import PlanTables

COLUMNS = [
    "lead_id",
    "rep_id_before",
    "rep_id_after",
    "expected_value_before",
    "expected_value_after",
    "difference",
    "owner",
    "reason",
]
MONEY = ["expected_value_before", "expected_value_after", "difference"]


def moves_between(before: PlanTables, after: PlanTables) -> pd.DataFrame:
    """Return the leads of both plans that have another rep in the second.

    Returns
    -------
    DataFrame : lead_id; rep_id_before, rep_id_after (NaN: nobody); expected_value_before,
        expected_value_after and their difference, in money; owner and reason as of the second plan
    """
    columns = ["lead_id", "rep_id", "expected_value"]
    first, second = before.assignments[columns], after.assignments[[*columns, "owner", "reason"]]
    both = first.merge(second, on="lead_id", suffixes=("_before", "_after"))
    same = both["rep_id_before"].fillna("") == both["rep_id_after"].fillna("")
    moves = both[~same].reset_index(drop=True)
    moves["difference"] = moves["expected_value_after"] - moves["expected_value_before"]
    return moves[COLUMNS]


def handovers(moves: pd.DataFrame) -> pd.DataFrame:
    """Return moves summed by who hands leads over to whom, most leads first.

    Parameters
    ----------
    moves : as `moves_between` returns them

    Returns
    -------
    DataFrame : rep_id_before, rep_id_after (NaN: nobody); leads, a count; expected_value_before,
        expected_value_after, difference, in money
    """
    groups = moves.groupby(["rep_id_before", "rep_id_after"], dropna=False)
    summed = groups[MONEY].sum()
    summed.insert(0, "leads", groups.size())
    # Groups come sorted by their keys, and stay so where counts are equal.
    return summed.reset_index().sort_values(
        "leads", ascending=False, kind="stable", ignore_index=True
    )
