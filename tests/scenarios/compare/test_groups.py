"""What groups have in each plan, against plain recomputation and the plans' totals."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import UsageError
from scenarios.compare import GROUPED_BY, group_table
from tests.evaluated import evaluated, holders, plans

if TYPE_CHECKING:
    import pandas as pd

    from models.plan import Plan

MEASURES = {"rep": "count", "team": "assigned", "region": "assigned", "grade": "assigned"}


def deltas(table: pd.DataFrame) -> pd.DataFrame:
    return table.filter(regex=" delta$")


@settings(max_examples=30)
@given(plans(), plans(), st.sampled_from(GROUPED_BY))
def test_groups_add_up_to_the_plans(before: Plan, after: Plan, by: str) -> None:
    table = group_table({"a": before, "b": after}, by)
    assert table["plan"].tolist() == ["a", "b"] * (len(table) // 2)
    assert table["group"].nunique() == len(table) // 2
    sums = table.drop(columns="group").groupby("plan").sum()
    for name, plan in (("a", before), ("b", after)):
        kpis = plan.record.kpis
        assert sums.loc[name, "expected_value"] == pytest.approx(kpis.expected_value)
        base = plan.reps["count"].sum() - kpis.assigned if by == "rep" else 0
        assert sums.loc[name, MEASURES[by]] == kpis.assigned + base
    delta = after.record.kpis.expected_value - before.record.kpis.expected_value
    assert sums.loc["b", "expected_value delta"] == pytest.approx(delta)
    assert (deltas(table)[table["plan"] == "a"] == 0).to_numpy().all()


@settings(max_examples=30)
@given(plans(), plans())
def test_books_gain_and_lose_leads(before: Plan, after: Plan) -> None:
    first, second = holders(before), holders(after)
    table = group_table({"a": before, "b": after}, "rep")
    for _, row in table[table["plan"] == "b"].iterrows():
        had = {lead for lead, rep in first.items() if rep == row["group"]}
        has = {lead for lead, rep in second.items() if rep == row["group"]}
        assert (row["gained"], row["lost"]) == (len(has - had), len(had - has))
    assert (table.loc[table["plan"] == "a", ["gained", "lost"]] == 0).to_numpy().all()
    assert set(table["group"]) == {*before.reps["rep_id"], *after.reps["rep_id"]}


@settings(max_examples=30)
@given(plans(), st.sampled_from(GROUPED_BY))
def test_a_plan_does_not_differ_from_itself(plan: Plan, by: str) -> None:
    table = group_table({"a": plan, "b": plan}, by)
    assert (deltas(table) == 0).to_numpy().all()


def test_limits_stand_beside_loads_where_there_are_any() -> None:
    table = group_table({"a": evaluated(0), "b": evaluated(0, later=True)}, "rep")
    limits = table.set_index(["group", "plan"])["count limit"]
    assert limits["R1"].tolist() == [20.0, 20.0]
    # R5 is not yet there, R4 no more.
    assert limits["R5"].isna().tolist() == [True, False]
    assert limits["R4"].isna().tolist() == [False, True]
    assert table["effort_hours limit"].isna().all()


def test_what_cannot_be_grouped_is_refused() -> None:
    plan = evaluated(0)
    kpis = plan.record.kpis.model_copy(update={"groups": ()})
    bare = dataclasses.replace(plan, record=plan.record.model_copy(update={"kpis": kpis}))
    with pytest.raises(UsageError, match="no plan has figures by grade, since its tables"):
        group_table({"a": bare, "b": bare}, "grade")
    with pytest.raises(UsageError, match="not grouped by 'stage', but by rep, team, region, grade"):
        group_table({"a": plan}, "stage")
    with pytest.raises(UsageError, match="no plan"):
        group_table({}, "rep")
