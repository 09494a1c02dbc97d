"""KPIs of plans side by side."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from models.errors import UsageError
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.compare import METRICS, kpi_table, shared_table
from scenarios.generate import CompanySpec, generate, policy_text

if TYPE_CHECKING:
    from models.plan import Plan


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    """Return two plans of one company."""
    spec = CompanySpec(num_leads=80, num_reps=5)
    snapshot, policy = generate(spec).snapshot(), policy_from_text(policy_text(spec))
    return {name: make_plan(snapshot, policy, engine=name) for name in ("greedy", "round_robin")}


def test_deltas_are_against_the_first(plans: dict[str, Plan]) -> None:
    table = kpi_table(plans).set_index("metric")
    assert list(table.index) == [metric.name for metric in METRICS]
    value = table.loc["expected_value"]
    assert value["round_robin delta"] == pytest.approx(value["round_robin"] - value["greedy"])
    assert value["greedy"] == plans["greedy"].record.kpis.expected_value


def test_currencies_must_agree(plans: dict[str, Plan]) -> None:
    euro = plans["round_robin"].record.model_copy(update={"currency": "EUR"})
    other = dataclasses.replace(plans["round_robin"], record=euro)
    with pytest.raises(UsageError, match="different currencies: EUR, USD"):
        kpi_table({"a": plans["greedy"], "b": other})
    with pytest.raises(UsageError, match="different currencies: EUR, USD"):
        shared_table({"a": plans["greedy"], "b": other})
    with pytest.raises(UsageError, match="no plan"):
        kpi_table({})
