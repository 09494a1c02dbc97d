"""Plans of different tables, on the leads that they share."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from scenarios.compare import kpi_table, only_in_one, shared_leads, shared_table
from tests.evaluated import evaluated, holders, plans

if TYPE_CHECKING:
    from models.plan import Plan


@settings(max_examples=30)
@given(plans(), plans(), plans())
def test_shared_figures_count_the_leads_of_all_plans(one: Plan, two: Plan, three: Plan) -> None:
    both = {"one": one, "two": two, "three": three}
    leads = shared_leads(both.values())
    assert set(leads) == set(holders(one)) & set(holders(two)) & set(holders(three))
    table = shared_table(both).set_index("metric")
    for name, plan in both.items():
        rows = plan.assignments[plan.assignments["lead_id"].isin(leads)]
        without = sum(holders(plan)[lead] is None for lead in leads)
        assert table.loc["expected_value", name] == pytest.approx(rows["expected_value"].sum())
        assert table.loc["unassigned", name] == without
        assert table.loc["coverage", name] == pytest.approx(1 - without / len(leads))
        assert table.loc["moves", name] == rows["moved"].sum()


@settings(max_examples=30)
@given(plans())
def test_of_the_same_leads_it_is_the_table_of_kpis(plan: Plan) -> None:
    other = evaluated(0, later=len(plan.assignments) < 10)
    told = kpi_table({"a": plan, "b": other}).set_index("metric")
    shared = shared_table({"a": plan, "b": other}).set_index("metric")
    for metric in shared.index:
        for column in ("a", "b", "b delta"):
            assert shared.loc[metric, column] == pytest.approx(told.loc[metric, column])
        assert shared.loc[metric, "b mark"] == told.loc[metric, "b mark"]


def test_leads_of_one_plan_only_are_counted() -> None:
    assert only_in_one(evaluated(0), evaluated(1, later=True)) == (2, 1)
    assert only_in_one(evaluated(1, later=True), evaluated(0)) == (1, 2)


def test_no_shared_lead_has_no_coverage() -> None:
    plan = evaluated(0)
    table = shared_table({"a": plan, "b": _with_leads(plan, "X")}).set_index("metric")
    assert table["a"].isna()["coverage"]
    assert table.loc["unassigned", "a"] == 0


def _with_leads(plan: Plan, prefix: str) -> Plan:
    """Return the plan with other ids of leads."""
    renamed = plan.assignments.assign(lead_id=prefix + plan.assignments["lead_id"])
    return dataclasses.replace(plan, assignments=renamed)
