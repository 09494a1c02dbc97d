"""Leads that change hands, against plain dictionaries."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from scenarios.compare import handovers, moves_between
from tests.evaluated import evaluated, holders, plans

if TYPE_CHECKING:
    import pandas as pd

    from models.plan import Plan


def pairs_of(moves: pd.DataFrame) -> dict[str, tuple[str | None, str | None]]:
    """Return from whom to whom each lead goes."""
    columns = ["lead_id", "rep_id_before", "rep_id_after"]
    return {
        row[0]: (
            row[1] if isinstance(row[1], str) else None,
            row[2] if isinstance(row[2], str) else None,
        )
        for row in moves[columns].itertuples(index=False)
    }


def values(plan: Plan) -> dict[str, float]:
    return dict(zip(plan.assignments["lead_id"], plan.assignments["expected_value"], strict=True))


@settings(max_examples=30)
@given(plans(), plans())
def test_moves_are_the_shared_leads_whose_rep_differs(before: Plan, after: Plan) -> None:
    first, second = holders(before), holders(after)
    moves = moves_between(before, after)
    assert pairs_of(moves) == {
        lead: (first[lead], second[lead])
        for lead in first
        if lead in second and first[lead] != second[lead]
    }
    one, other = values(before), values(after)
    for _, row in moves.iterrows():
        lead = row["lead_id"]
        told = (row["expected_value_before"], row["expected_value_after"], row["difference"])
        assert told == (one[lead], other[lead], other[lead] - one[lead])
    written = after.assignments.set_index("lead_id").loc[moves["lead_id"]]
    assert moves["reason"].tolist() == written["reason"].tolist()
    assert moves["owner"].fillna("").tolist() == written["owner"].fillna("").tolist()


@settings(max_examples=30)
@given(plans(), plans())
def test_swapped_plans_swap_moves(before: Plan, after: Plan) -> None:
    there, back = moves_between(before, after), moves_between(after, before)
    swapped = {lead: (second, first) for lead, (first, second) in pairs_of(back).items()}
    assert pairs_of(there) == swapped
    differences = dict(zip(back["lead_id"], -back["difference"], strict=True))
    assert dict(zip(there["lead_id"], there["difference"], strict=True)) == differences


@settings(max_examples=30)
@given(plans(), plans())
def test_handovers_sum_moves(before: Plan, after: Plan) -> None:
    moves = moves_between(before, after)
    summed = handovers(moves)
    counts = summed["leads"].tolist()
    assert counts == sorted(counts, reverse=True)
    found = {
        (
            row["rep_id_before"] if isinstance(row["rep_id_before"], str) else None,
            row["rep_id_after"] if isinstance(row["rep_id_after"], str) else None,
        ): row["leads"]
        for _, row in summed.iterrows()
    }
    assert found == Counter(pairs_of(moves).values())
    for column in ("expected_value_before", "expected_value_after", "difference"):
        assert summed[column].sum() == pytest.approx(moves[column].sum())


def test_a_plan_does_not_differ_from_itself() -> None:
    moves = moves_between(evaluated(0), evaluated(0))
    assert len(moves) == 0
    assert len(handovers(moves)) == 0
