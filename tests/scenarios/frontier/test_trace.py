"""A frontier of a small company: its ends, its plans, and that nothing is done twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from models.errors import NoPlanError, UsageError
from models.files.plan_files import read_plan
from models.outcome import Limits
from planner.check import check
from planner.engines.registry import ENGINES
from planner.solve import make_plan
from scenarios.frontier.axis import scenario
from scenarios.frontier.fairness_axis import fairness_axis
from scenarios.frontier.moves_axis import MovesAxis
from scenarios.frontier.trace import trace
from scenarios.frontier.words import sentences
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from pathlib import Path

    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.frontier.axis import Axis
    from scenarios.frontier.frontier import Frontier

LIMITS = Limits(seconds=20.0, gap=0.0)
AMOUNTS = [900, 500, 400, 100, 90, 80, 70, 60]
SNAPSHOT = hand_made(
    {
        "amount": AMOUNTS,
        "owner": ["R1"] * 4 + ["R2"] * 4,
        "industry": ["bank"] * 4 + ["tech"] * 4,
    },
    {"industries": ["tech", "bank", "*"], "quota": [1, 1, 1]},
)
PREFER = [{"match": {"lead": "industry", "rep": "industries", "bonus": "50%"}}]
FAIR = {"measure": "count", "within": "200%", "mode": "soft", "cost": 1.0}


def traced(
    out: Path, snapshot: Snapshot, rules: Policy, axes: list[Axis], **options: Any
) -> Frontier:
    with ThreadPoolExecutor(1) as executor:
        return trace(snapshot, rules, axes, out, limits=LIMITS, executor=executor, **options)


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what has tests of its own: children of engines, and why there is no plan."""
    for kind in ENGINES.values():
        monkeypatch.setattr(kind, "isolated", False, raising=False)
    monkeypatch.setattr("planner.solve.why_bands_cannot_hold", lambda *_: "no such band holds")
    monkeypatch.setattr("planner.solve.with_reason", lambda error, *_: error)


def files(directory: Path) -> dict[str, int]:
    """Return when each plan below a directory was made, by its path."""
    return {str(path): path.stat().st_mtime_ns for path in directory.glob("*/plan.json")}


def keeps_what_it_says(found: Frontier, out: Path, snapshot: Snapshot, rules: Policy) -> None:
    """Assert that every plan is one of its policy, and that value rises with the limit."""
    (axis,) = found.axes
    for row in found.solved.to_dict("records"):
        plan = read_plan(out / row["plan"])
        each = scenario(
            [axis], [None if str(row["scenario"]).startswith("any") else row["epsilon"]]
        )
        assert each.name == row["scenario"]
        _, changed = each.applied(snapshot, rules)
        assert check(changed, snapshot, plan.assignments, plan.record.settled) == []
        assert axis.used(plan.record, row["widest_deviation"]) <= row["epsilon"] + 1e-9
    assert found.frame["epsilon"].is_monotonic_increasing
    for low, high in pairwise(found.solved.to_dict("records")):
        assert low["objective"] <= high["bound"] + 1e-6
        assert high["objective"] >= low["objective"] - high["gap_money"] - 1e-6


def test_moves(tmp_path: Path) -> None:
    rules = policy(prefer=PREFER, continuity={"at_most_moves": {"total": 2}})
    told: list[str] = []
    axis = MovesAxis.of(rules)

    def hear(row: Any) -> None:
        told.append(str(row["scenario"]))

    found = traced(tmp_path, SNAPSHOT, rules, [axis], points=5, told=hear)
    keeps_what_it_says(found, tmp_path, SNAPSHOT, rules)
    assert told[:2] == ["base", "any moves"]
    assert len(told) == len(set(told)) == 6
    # Moving a lead to who knows its industry lifts its score by half; the largest go first.
    gains = np.cumsum([0.0, *sorted((0.25 * amount for amount in AMOUNTS), reverse=True)])
    least = sum(AMOUNTS) * 0.5
    for row in found.frame.to_dict("records"):
        assert row["objective"] == pytest.approx(least + gains[int(row["epsilon"])])
        assert row["moves"] == row["epsilon"]
    first, last = found.frame.iloc[0], found.frame.iloc[-1]
    free = make_plan(SNAPSHOT, policy(prefer=PREFER), limits=LIMITS)
    assert (first["epsilon"], last["scenario"]) == (0, "any moves")
    assert last["objective"] == pytest.approx(free.record.objective)
    assert found.frame["is_efficient"].all()
    knee = found.frame[found.frame["is_knee"]].iloc[0]
    chord = np.linspace(0, gains[-1], len(gains))
    heights = {row: gains[int(row)] - chord[int(row)] for row in found.frame["epsilon"]}
    assert knee["epsilon"] == max(heights, key=lambda each: heights[each])
    assert sentences(found)[0] == ("Up to 2 moves, each move brings 175 USD; beyond, only 33 USD.")
    written = pd.read_csv(tmp_path / "frontier.csv")
    assert written["scenario"].tolist() == found.frame["scenario"].tolist()
    assert len(pd.read_csv(tmp_path / "scenarios.csv")) == 6

    made = files(tmp_path)
    again = traced(tmp_path, SNAPSHOT, rules, [axis], points=5)
    assert files(tmp_path) == made
    assert len(made) == 6
    pd.testing.assert_frame_equal(again.frame, found.frame)


def test_fairness_of_a_policy_without_a_rule(tmp_path: Path) -> None:
    rules = policy(prefer=PREFER)
    snapshot, rules, axis = fairness_axis(SNAPSHOT, rules, "count", "quota")
    found = traced(tmp_path, snapshot, rules, [axis], points=3)
    keeps_what_it_says(found, tmp_path, snapshot, rules)
    free = found.solved.iloc[-1]
    assert free["scenario"] == "any count"
    # Eight leads for three reps: who has two has 25 % less than 8/3.
    least = found.solved["epsilon"].min()
    assert 0.25 <= least <= 0.25 + free["epsilon"] / 4
    narrower = found.frame[found.frame["epsilon"] < least]
    assert set(narrower["status"]) == {"impossible"}
    assert any("impossible" in sentence for sentence in sentences(found))
    totals = {
        read_plan(tmp_path / place).record.settled.fair_totals[axis.label]
        for place in found.solved["plan"]
    }
    assert totals == {8.0}


def test_a_grid_of_both(tmp_path: Path) -> None:
    rules = policy(prefer=PREFER, fairness=[FAIR])
    snapshot, rules, fairness = fairness_axis(SNAPSHOT, rules)
    found = traced(tmp_path, snapshot, rules, [MovesAxis.of(rules), fairness], points=4)
    assert {"epsilon_moves", "epsilon_fairness"} <= set(found.frame)
    assert found.knee is None
    assert not found.frame["is_knee"].any()
    rows = found.solved.to_dict("records")
    for low in rows:
        for high in rows:
            if all(low[name] <= high[name] for name in found.epsilons):
                assert low["objective"] <= high["bound"] + 1e-6
    assert "efficient" in sentences(found)[0]


@pytest.fixture(scope="module")
def base() -> Plan:
    return make_plan(SNAPSHOT, policy(), limits=LIMITS)


def test_nothing_to_trade(tmp_path: Path, base: Plan) -> None:
    # Every rep brings the same, so that nobody moves.
    rules = policy(continuity={"switching_cost": {"share": "10%"}})
    found = traced(tmp_path, SNAPSHOT, rules, [MovesAxis.of(rules)], base=base, points=5)
    assert found.frame["scenario"].tolist() == ["any moves"]
    assert sentences(found) == ["Nothing is to be traded: without a limit the plan takes 0 moves."]


def test_wrong_calls(tmp_path: Path, base: Plan) -> None:
    rules = policy(fairness=[FAIR])
    moves = MovesAxis.of(rules)
    snapshot, rules, fairness = fairness_axis(SNAPSHOT, rules)
    cases: tuple[tuple[list[Axis], int, str], ...] = (
        ([moves], 1, "a frontier of 1 points; it has 2 to 1,000"),
        ([moves, moves], 5, "the axes are moves, moves; there must be one, or two different"),
        ([fairness], 5, "the base plan has no fair share of count"),
    )
    for axes, points, told in cases:
        with pytest.raises(UsageError, match=told):
            traced(tmp_path, snapshot, rules, axes, points=points, base=base)
    assert list(tmp_path.iterdir()) == []


def test_a_load_without_a_share_has_no_end(tmp_path: Path) -> None:
    # Of a total of nothing, nobody is due anything.
    snapshot, rules, axis = fairness_axis(SNAPSHOT, policy(fairness=[FAIR]))
    base = make_plan(snapshot, rules, limits=LIMITS, fair_totals={axis.label: 0.0})
    with pytest.raises(UsageError, match="name who has none under `exempt`"):
        traced(tmp_path, snapshot, rules, [axis], base=base)


def test_no_plan_without_the_limit(tmp_path: Path, base: Plan) -> None:
    rules = policy(capacity=[{"measure": "count", "at_most": 1}], unassigned="forbidden")
    with pytest.raises(NoPlanError, match="there is no plan without the limit"):
        traced(tmp_path, SNAPSHOT, rules, [MovesAxis.of(rules)], base=base)
