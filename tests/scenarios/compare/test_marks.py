"""Which side is better, and where gaps leave that open."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.compare import METRICS, Mark, kpi_table
from scenarios.compare.marks import mark, open_money
from tests.evaluated import evaluated, plans

if TYPE_CHECKING:
    from models.plan import Plan
    from scenarios.compare import Metric

BY_NAME = {metric.name: metric for metric in METRICS}
OPPOSITE = {Mark.BETTER: Mark.WORSE, Mark.WORSE: Mark.BETTER}


@pytest.mark.parametrize(
    ("metric", "before", "after", "open_", "expected"),
    [
        ("expected_value", 100.0, 110.0, 0.0, Mark.BETTER),
        ("expected_value", 100.0, 110.0, 9.99, Mark.BETTER),
        ("expected_value", 100.0, 110.0, 10.0, Mark.WITHIN_GAP),
        ("expected_value", 110.0, 100.0, 10.0, Mark.WITHIN_GAP),
        ("expected_value", 110.0, 100.0, 0.0, Mark.WORSE),
        ("expected_value", 100.0, 100.0 + 1e-9, 0.0, Mark.SAME),
        ("expected_value", None, 100.0, 0.0, Mark.NONE),
        ("expected_value", 100.0, None, 0.0, Mark.NONE),
        ("moves", 3, 2, 10.0, Mark.BETTER),
        ("moves", 2, 3, 10.0, Mark.WORSE),
        ("gap_money", 5.0, 2.0, 10.0, Mark.BETTER),
        ("bound", 5.0, 2.0, 0.0, Mark.NONE),
    ],
)
def test_marks(
    metric: str, before: float | None, after: float | None, open_: float, expected: Mark
) -> None:
    assert mark(BY_NAME[metric], before, after, open_) is expected


@given(st.sampled_from(METRICS), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0.0, 1e6))
def test_swapped_values_swap_marks(metric: Metric, one: float, other: float, open_: float) -> None:
    there, back = (mark(metric, *values, open_) for values in ((one, other), (other, one)))
    assert back is OPPOSITE.get(there, there)


def with_gap(plan: Plan, gap: float | None) -> Plan:
    return dataclasses.replace(plan, record=plan.record.model_copy(update={"gap_money": gap}))


def test_gaps_count_between_two_questions_only() -> None:
    before, after = with_gap(evaluated(0), 5.0), with_gap(evaluated(1), 2.0)
    assert open_money(before, after) == 0.0
    later = with_gap(evaluated(1, later=True), 2.0)
    assert open_money(before, later) == open_money(later, before) == 7.0
    assert open_money(before, with_gap(later, None)) == 5.0
    other_policy = after.record.hashes | {"policy": "another"}
    record = after.record.model_copy(update={"hashes": other_policy})
    assert open_money(before, dataclasses.replace(after, record=record)) == 7.0


@given(plans())
def test_a_plan_is_the_same_as_itself(plan: Plan) -> None:
    marks = kpi_table({"a": plan, "b": plan})["b mark"]
    assert set(marks) == {Mark.SAME, Mark.NONE}
