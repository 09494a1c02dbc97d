"""Plans side by side on a terminal of 100 columns."""

from __future__ import annotations

import pytest
from rich.console import Console

from api.cli.side_by_side import print_groups, print_kpis, print_moves
from scenarios.compare import GROUPED_BY, METRICS, group_table, kpi_table, moves_between
from tests.evaluated import evaluated


@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_value_and_mark_is_shown(count: int) -> None:
    plans = {f"plan-{at}": evaluated(at, later=at % 2 == 1) for at in range(count)}
    screen = Console(width=100)
    with screen.capture() as told:
        print_kpis(screen, plans)
    words = told.get()
    assert "…" not in words
    assert all(metric.title in words for metric in METRICS)
    assert all(name in words for name in plans)
    marks = kpi_table(plans).filter(regex=" mark$").stack().value_counts()
    for mark in ("better", "worse", "within gap"):
        assert words.count(f" {mark}") == marks.get(mark, 0)


@pytest.mark.parametrize("by", GROUPED_BY)
def test_groups_and_moves_fit(by: str) -> None:
    plans = {"before": evaluated(0), "after": evaluated(1, later=True)}
    screen = Console(width=100)
    with screen.capture() as told:
        table = group_table(plans, by)
        print_groups(screen, table, by, "USD")
        print_moves(screen, ("before", "after"), moves_between(*plans.values()), 3)
    assert "…" not in told.get()
    lines = told.get().splitlines()
    for name in table["group"]:
        assert any(line.startswith(name or "(empty)") for line in lines)
    assert sum("after" in line.split() for line in lines) == len(table) / 2 + 1
