"""Scenarios and effects on a terminal."""

from __future__ import annotations

from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from api.cli.scenario_tables import print_effects, print_scenarios
from scenarios.compare import METRICS
from scenarios.what_if.effects import effects_in, variants
from scenarios.what_if.scenario_file import scenario_from_text
from tests.policies import yaml_text

SCENARIO = scenario_from_text(
    yaml_text(
        {
            "name": "many",
            "changes": [
                {"rep_leaves": {"reps": ["R1", "R2"]}},
                {"more_leads": {"where": {"region": {"under": "US/West"}}, "by": "20%"}},
            ],
        }
    )
)


def frame(gap_money: float) -> pd.DataFrame:
    """Return rows of `run_many` that each bring a million more than the one before."""
    names = ["base", SCENARIO.name, *(variant.name for variant in variants(SCENARIO))]
    rows = []
    for at, name in enumerate(names):
        figures: dict[str, object] = dict.fromkeys((metric.name for metric in METRICS), 0.5)
        figures |= {"expected_value": 1e7 + 1e6 * at, "gap_money": gap_money}
        rows.append({"scenario": name, "status": "solved", "detail": "", **figures})
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("gap_money", "is_better"), [(0.4e6, True), (0.6e6, False)])
def test_money_within_the_gaps_is_no_good_news(gap_money: float, is_better: bool) -> None:
    many = frame(gap_money)
    screen = Console(file=StringIO(), force_terminal=True, width=100, color_system="standard")
    with screen.capture() as scenarios:
        print_scenarios(screen, many[:2])
    with screen.capture() as effects:
        print_effects(screen, "many", effects_in(many, SCENARIO)[-1:])
    for told in (scenarios.get(), effects.get()):
        assert "+1,000,000" in told
        assert ("32m+1,000,000" in told) == is_better


def test_effects_fit_a_terminal() -> None:
    screen = Console(width=100)
    with screen.capture() as told:
        print_effects(screen, "many", effects_in(frame(1e6), SCENARIO))
    assert "-2,000,000  ± 2,000,000" in told.get()
    assert "…" not in told.get()
    assert "expected" in told.get().split()
