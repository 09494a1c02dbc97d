"""In what plans differ beside their answers."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scenarios.compare import remarks
from tests.evaluated import evaluated

if TYPE_CHECKING:
    from models.plan import Plan

NAMES = ("then", "now")


def changed(plan: Plan, **update: Any) -> Plan:
    """Return the plan with other entries in its record."""
    return dataclasses.replace(plan, record=plan.record.model_copy(update=update))


def test_plans_of_one_question_need_no_remark() -> None:
    assert remarks(evaluated(0), evaluated(1), NAMES) == []


def test_other_leads_and_reps_are_told_with_counts() -> None:
    assert remarks(evaluated(0), evaluated(1, later=True), NAMES) == [
        "2 leads are only in then, 1 only in now; they share 8 leads.",
        "Reps only in then (1): R4.",
        "Reps only in now (1): R5.",
        "The plans are of different tables.",
    ]


def test_many_reps_are_not_all_named() -> None:
    plan = evaluated(0)
    many = plan.reps.loc[[0] * 7].assign(rep_id=[f"N{at}" for at in range(7)])
    told = remarks(plan, dataclasses.replace(plan, reps=many), NAMES)
    assert "Reps only in now (7): N0, N1, N2, N3, N4 and others." in told


@pytest.mark.parametrize(
    ("update", "said"),
    [
        (
            {"hashes": {"snapshot": "x", "policy": "y"}, "policy": "other"},
            [
                "The plans are of different tables.",
                "The plans follow different policies (test and other); objectives and bounds may "
                "count different things.",
            ],
        ),
        (
            {"hours": 7 * 24},
            ["The plans are for different periods: they start on 23 Nov 2026 and "],
        ),
    ],
)
def test_other_facts(update: dict[str, Any], said: list[str]) -> None:
    plan = evaluated(0)
    record = plan.record
    if "hours" in update:
        later = timedelta(hours=update["hours"])
        update = {"starts": record.starts + later, "ends": record.ends + later}
    told = remarks(plan, changed(plan, **update), NAMES)
    assert len(told) == len(said)
    assert all(text.startswith(start) for text, start in zip(told, said, strict=True))


def test_other_moments_and_lengths() -> None:
    plan = evaluated(0)
    record = plan.record
    told = remarks(
        plan,
        changed(plan, as_of=record.as_of + timedelta(days=7), ends=record.ends + timedelta(days=7)),
        NAMES,
    )
    assert told == [
        "The plans are of different tables, as of 20 Nov 2026 18:00 and 27 Nov 2026 18:00 UTC.",
        "The plans are for periods of 7 and 14 days; hours in the period do not compare.",
    ]


def test_a_week_is_a_week_where_clocks_change() -> None:
    plan = changed(evaluated(0), timezone="America/New_York")
    starts = plan.record.starts.replace(month=10, day=26, hour=4)
    autumn = {"starts": starts, "ends": starts + timedelta(days=7, hours=1)}
    (told,) = remarks(plan, changed(plan, **autumn), NAMES)
    assert "different periods" in told
