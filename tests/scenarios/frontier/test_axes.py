"""How axes write their limits into policies, and how plans use them."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import PolicyError, UsageError
from planner.rules.fairness import Mode
from scenarios.frontier.axis import scenario
from scenarios.frontier.fairness_axis import fairness_axis
from scenarios.frontier.moves_axis import MovesAxis
from tests.companies import hand_made
from tests.policies import policy

SNAPSHOT = hand_made({"owner": ["R1", "R2", None]}, {"quota": [1, 2], "hired": [None, None]})
SOFT = {"measure": "count", "share_by": "quota", "within": "20%", "mode": "soft", "cost": 5}
LATER = {"starts": "2027-01-01", "ends": "2027-02-01"}
MAX_MIN = {"measure": "count", "mode": "max_min", "stages": 2, "keep_value": "90%"}


@pytest.mark.parametrize(
    ("continuity", "others"),
    [
        (None, {}),
        ({"protect": [{"where": {"owner": "R1"}}]}, {}),
        ({"at_most_moves": {"total": 5}}, {}),
        ({"at_most_moves": {"total": 5, "per_losing_rep": 2}}, {"per_losing_rep": 2}),
        ({"at_most_moves": {"per_gaining_rep": 1}}, {"per_gaining_rep": 1}),
    ],
)
def test_moves_are_limited_wherever_the_policy_stands(
    continuity: Any, others: dict[str, int]
) -> None:
    rules = policy(**({} if continuity is None else {"continuity": continuity}))
    axis = MovesAxis.of(rules)
    _, limited = scenario([axis], [3.0]).applied(SNAPSHOT, rules)
    assert limited.at_most_moves is not None
    assert limited.at_most_moves.model_dump(exclude_none=True) == {"total": 3, **others}
    assert len(limited.protect) == len(rules.protect)
    _, free = scenario([axis], [None]).applied(SNAPSHOT, rules)
    kept = {} if free.at_most_moves is None else free.at_most_moves.model_dump(exclude_none=True)
    assert kept == others


@pytest.mark.parametrize("rule", [SOFT, MAX_MIN])
def test_a_band_is_made_hard(rule: dict[str, Any]) -> None:
    rules = policy(fairness=[{"measure": "amount", "within": "5%", "mode": "hard"}, rule])
    snapshot, same, axis = fairness_axis(SNAPSHOT, rules, "count")
    assert (snapshot, same) == (SNAPSHOT, rules)
    _, changed = scenario([axis], [0.125]).applied(SNAPSHOT, rules)
    first, second = changed.fairness
    assert first == rules.fairness[0]
    assert (second.mode, second.within, second.cost) == (Mode.HARD, 0.125, None)
    assert (second.share_by, second.label) == (rules.fairness[1].share_by, axis.label)
    _, free = scenario([axis], [None]).applied(SNAPSHOT, rules)
    assert free.fairness[1].band == (0.0, float("inf"))


def test_a_policy_without_the_rule_gets_one_that_is_free() -> None:
    for rules in (policy(), policy(fairness=[{**SOFT, "measure": "amount"}])):
        _, opened, axis = fairness_axis(SNAPSHOT, rules, "count", "quota")
        assert opened.fairness[:-1] == rules.fairness
        new = opened.fairness[-1]
        assert (new.share_by, new.band, new.label) == ("quota", (0.0, float("inf")), axis.label)
        _, changed = scenario([axis], [0.3]).applied(SNAPSHOT, opened)
        assert changed.fairness[-1].within == 0.3


@pytest.mark.parametrize(
    ("fairness", "measure", "share_by", "told"),
    [
        ([], None, None, "no rule of fairness in force; say .* --measure and --share-by"),
        ([], "count", None, "no rule of fairness on count in force"),
        ([SOFT], "amount", None, "no rule of fairness on amount in force"),
        ([SOFT], "amuont", None, "no measure 'amuont'. The nearest is 'amount'. Known are count"),
        ([SOFT], None, "head", "has its own share_by, quota; leave --share-by out"),
        ([SOFT, {**SOFT, "measure": "amount"}], None, None, "2 rules .* on count, amount; choose"),
        (
            [{**SOFT, "during": {"starts": "2027-01-01", "ends": "2027-02-01"}}],
            None,
            None,
            "in force",
        ),
    ],
)
def test_it_must_be_clear_which_rule_is_meant(
    fairness: list[Any], measure: str | None, share_by: str | None, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        fairness_axis(SNAPSHOT, policy(fairness=fairness), measure, share_by)


def test_a_column_to_share_by_must_be_there() -> None:
    with pytest.raises(PolicyError, match="no column 'quoat'; the nearest is 'quota'"):
        fairness_axis(SNAPSHOT, policy(), "count", "quoat")


def test_axes_are_told() -> None:
    axis = MovesAxis.of(policy())
    assert [axis.told(1), axis.told(1200)] == ["1 move", "1,200 moves"]
    _, _, band = fairness_axis(SNAPSHOT, policy(fairness=[SOFT]))
    assert band.told(0.125) == "a band of 12.5 %"
    both = scenario([axis, band], [3.0, 0.125])
    assert both.name == "moves at most 3, count within 12.5%"
    assert scenario([axis, band], [None, None]).name == "any moves, any count"
