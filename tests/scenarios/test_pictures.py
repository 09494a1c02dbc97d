"""The charts that commands leave say what their frames do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from models.errors import UsageError
from scenarios.charts.svg import svg
from scenarios.frontier.frontier import assembled
from scenarios.frontier.moves_axis import MovesAxis
from scenarios.pictures import frontier_charts, replay_charts, robustness_charts, write_charts
from scenarios.replay.replay import Replay
from scenarios.robustness.robustness import Robustness
from scenarios.robustness.uncertainty import Uncertainty

if TYPE_CHECKING:
    from pathlib import Path

MOVES = MovesAxis(has_section=False, has_rule=False, keys=frozenset())


def row(objective: float, overload: float = 0.0) -> dict[str, Any]:
    told = {"scenario": f"{objective:g}", "status": "solved", "objective": objective}
    return told | {"bound": objective, "gap_money": 0.0, "overload": overload}


def test_a_frontier_is_drawn_without_plans_of_other_problems() -> None:
    rows: dict[tuple[float, ...], dict[str, Any]] = {
        (0.0,): row(90.0, overload=2.0),
        (4.0,): row(10.0),
        (8.0,): row(50.0),
        (30.0,): row(60.0),
    }
    found = assembled((MOVES,), "USD", rows)
    drawn = svg(frontier_charts(found)["frontier"])
    assert "The first 4 moves beyond 4 bring 40 USD" in drawn
    assert ">90<" not in drawn
    assert frontier_charts(replace(found, axes=(MOVES, MOVES))) == {}


def test_random_draws_are_drawn_where_they_say_something(tmp_path: Path) -> None:
    outcomes = pd.DataFrame(
        [(plan, draw, metric, value * draw)
         for plan in ("a", "b") for draw in range(9)
         for metric, value in (("realized_value", 10.0), ("promises_broken", 0.0))],
        columns=["plan", "draw", "metric", "value"],
    )  # fmt: skip
    empty = pd.DataFrame()
    found = Robustness(outcomes, empty, empty, empty, (), Uncertainty(), 9, 0, "USD")
    charts = robustness_charts(found)
    assert list(charts) == ["realized_value"]
    write_charts(charts, tmp_path / "new")
    assert (tmp_path / "new" / "realized_value.svg").read_text(encoding="utf-8").startswith("<svg")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_charts(charts, tmp_path / "file")


def test_a_replay_is_lines_by_week() -> None:
    weeks = pd.DataFrame(
        [(f"2026-03-{day:02}", name, 100.0 * day, 0.1, day)
         for day in (2, 9, 16) for name in ("recorded", "plan")],
        columns=["week", "contender", "expected_value", "count_gini", "moves"],
    )  # fmt: skip
    charts = replay_charts(Replay(weeks, weeks, weeks, "", ()), "USD")
    assert list(charts) == ["expected_value", "count_gini", "moves"]
    for chart in charts.values():
        drawn = svg(chart)
        assert "recorded" in drawn
        assert "plan" in drawn
