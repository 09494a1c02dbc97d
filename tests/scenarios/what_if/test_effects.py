"""Effects of a scenario's changes: they and the remainder are the whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import NoPlanError, UsageError
from models.outcome import Limits
from planner.solve import make_plan
from scenarios.what_if.effects import EFFECTS, UNCERTAINTY, effects, effects_in, variants
from scenarios.what_if.run_many import BASE
from scenarios.what_if.scenario_file import scenario_from_text
from tests.companies import hand_made
from tests.policies import policy, yaml_text

if TYPE_CHECKING:
    from pathlib import Path

    from scenarios.what_if.scenario import Scenario

LIMITS = Limits(seconds=20.0, gap=0.0)
SNAPSHOT = hand_made(
    {"amount": [100, 80, 60, 40], "owner": ["R1", "R2", None, None]},
    {"max_leads": [1, 1], "capacity_hours": [40.0, 40.0]},
)
POLICY = policy(capacity=[{"measure": "count", "at_most": "max_leads"}])


def scenario(*changes: dict[str, Any]) -> Scenario:
    return scenario_from_text(yaml_text({"name": "both", "changes": list(changes)}))


JOINS = {"rep_joins": {"rep_id": "N1", "like": "R1", "set": {"max_leads": 2}}}
PART_TIME = {"part_time": {"rep_id": "N1", "share": "50%"}}
LEAVES = {"rep_leaves": {"reps": ["R1"]}}
MORE_ROOM = {"capacity": {"by": "200%", "columns": ["max_leads"]}}


def test_effects_are_found_by_leaving_changes_out(tmp_path: Path) -> None:
    # A lead is worth half its amount. As things are, each rep takes one: 50 + 40. Under both
    # changes R2 takes these two; if R1 stays, both reps take all four for 140; and if there is no
    # more room, R2 takes the one for 50.
    told: list[str] = []
    with ThreadPoolExecutor(2) as executor:
        table = effects(
            SNAPSHOT,
            POLICY,
            scenario(LEAVES, MORE_ROOM),
            tmp_path,
            base=make_plan(SNAPSHOT, POLICY, limits=LIMITS),
            limits=LIMITS,
            executor=executor,
            told=lambda row: told.append(str(row["scenario"])),
        )
    assert sorted(told) == ["base", "both", "both without capacity 2", "both without rep_leaves 1"]
    assert table["part"].tolist() == ["change", "change", "remainder", "whole"]
    assert table["number"].tolist()[:2] == [1, 2]
    assert table["sentence"].tolist()[:2] == list(scenario(LEAVES, MORE_ROOM).sentences())
    assert table["expected_value"].tolist() == pytest.approx([-50.0, 40.0, 10.0, 0.0])
    assert table["unassigned"].tolist() == [2.0, -1.0, -1.0, 0.0]
    assert table["coverage"].tolist() == pytest.approx([-0.5, 0.25, 0.25, 0.0])
    assert table[UNCERTAINTY].tolist() == pytest.approx([0.0] * 4)


def test_a_change_that_others_need_counts_in_the_remainder(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as executor:
        table = effects(
            SNAPSHOT,
            POLICY,
            scenario(JOINS, PART_TIME),
            tmp_path,
            limits=LIMITS,
            executor=executor,
        )
    assert table["status"].tolist() == ["refused", "solved", "", ""]
    assert "there is no rep 'N1'" in table["detail"].iloc[0]
    # One more lead of 60 has a rep; had N1 all their time, so had the one of 40.
    assert table["expected_value"].tolist() == pytest.approx(
        [float("nan"), -20.0, 50.0, 30.0], nan_ok=True
    )


def frame_of(numbers: list[float], names: list[str], solved: list[bool]) -> pd.DataFrame:
    """Return a frame of `run_many` with the same number for every metric."""
    metrics = [*EFFECTS, "gap_money"]
    return pd.DataFrame(
        [
            {"scenario": name, "status": "solved" if is_solved else "refused", "detail": ""}
            | dict.fromkeys(metrics, number if is_solved else None)
            for name, number, is_solved in zip(names, numbers, solved, strict=True)
        ]
    )


@settings(max_examples=40)
@given(st.data(), st.integers(2, 5))
def test_effects_and_remainder_are_the_whole(data: st.DataObject, count: int) -> None:
    changes: list[dict[str, Any]] = [LEAVES, MORE_ROOM, JOINS, PART_TIME, {"train": {"skill": "x"}}]
    whole = scenario(*changes[:count])
    names = [BASE, whole.name, *(variant.name for variant in variants(whole))]
    # Whole numbers, so that their sums are exact.
    numbers = data.draw(st.lists(st.integers(0, 10**9), min_size=count + 2, max_size=count + 2))
    solved = [True, True, *data.draw(st.lists(st.booleans(), min_size=count, max_size=count))]
    table = effects_in(frame_of([float(each) for each in numbers], names, solved), whole)
    for metric in EFFECTS:
        assert table[metric].iloc[:-1].sum() == table[metric].iloc[-1] == numbers[1] - numbers[0]
    assert table[metric].iloc[:count].notna().tolist() == solved[2:]
    gaps = table[UNCERTAINTY]
    assert gaps.iloc[-1] == numbers[1] + numbers[0]
    assert gaps.iloc[-2] == gaps.iloc[:count].sum() + gaps.iloc[-1]


def test_what_has_no_effects_is_refused() -> None:
    with pytest.raises(UsageError, match="'both' has 1 changes; effects are told of two or more"):
        variants(scenario(LEAVES))
    whole = scenario(LEAVES, MORE_ROOM)
    names = [BASE, whole.name, *(variant.name for variant in variants(whole))]
    frame = frame_of([1.0] * 4, names, [True, False, True, True])
    with pytest.raises(NoPlanError, match="'both' has no plan, so its changes have no effects"):
        effects_in(frame, whole)
