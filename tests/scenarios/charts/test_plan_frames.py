"""What is drawn of a plan is what the plan says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from models.errors import UsageError
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.charts.books import books_frame
from scenarios.charts.context import context_of
from scenarios.charts.convergence import convergence_frame
from scenarios.charts.flows import flows_frame
from scenarios.charts.frontier import frontier_frame
from scenarios.charts.prices import prices_frame
from scenarios.charts.values import values_frame
from scenarios.generate import CompanySpec, generate, policy_text
from tests.scenarios.charts.frames import book_states

if TYPE_CHECKING:
    from models.plan import Plan

FAIRNESS = """\
fairness:
  - {measure: expected_value, share_by: head, within: 20%, mode: soft, cost: 0.1}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a plan with limits, a band and moves; tests only read it."""
    spec = CompanySpec(num_leads=60, num_reps=5)
    policy = policy_from_text(policy_text(spec) + FAIRNESS)
    limits = Limits(seconds=1, gap=0.05)
    return make_plan(generate(spec).snapshot(), policy, limits=limits, rule_prices=False)


def test_books_are_those_of_the_plan(plan: Plan) -> None:
    frame = books_frame(plan, "effort_hours").set_index("rep")
    reps = plan.reps.set_index("rep_id").loc[frame.index]
    assert frame["load"].tolist() == reps["effort_hours"].tolist()
    assert frame["limit"].tolist() == reps["effort_hours limit"].tolist()
    assert frame["low"].isna().all()
    assert frame["share"].is_monotonic_decreasing
    assert frame["state"].tolist() == book_states(frame).tolist()


def test_bands_are_parts_of_what_all_hold_without_fairness(plan: Plan) -> None:
    frame = books_frame(plan, "expected_value")
    (total,) = plan.record.settled.fair_totals.values()
    has_band = frame["high"].notna()
    middle = (frame["low"] + frame["high"]) / 2
    # By head, absence aside: nobody's share is above an even one.
    assert (middle[has_band] <= total / has_band.sum() * 1.5).all()
    inside = (frame["load"] >= frame["low"] - 1e-6) & (frame["load"] <= frame["high"] + 1e-6)
    told = plan.record.kpis.loads["expected_value"].in_band
    assert inside[has_band].mean() == pytest.approx(told)
    assert set(frame.loc[has_band, "of"]) == {"fair share"}
    assert frame["state"].tolist() == book_states(frame).tolist()


def test_reps_who_have_left_or_are_away_have_no_books(plan: Plan) -> None:
    reps = plan.reps.copy()
    reps.loc[reps.index[0], ["active", "count"]] = [False, 0]
    # Away for the whole period: neither work nor room for any.
    reps.loc[reps.index[1], ["effort_hours", "effort_hours limit"]] = [0.0, 0.0]
    frame = books_frame(replace(plan, reps=reps))
    assert set(frame["rep"]) == set(reps["rep_id"].iloc[2:])


@pytest.mark.parametrize("by", ["region", "grade", "team"])
@pytest.mark.parametrize("largest", [1, 2, 3, 50])
def test_values_add_up_however_few_groups_are_shown(plan: Plan, by: str, largest: int) -> None:
    frame = values_frame({"a": plan, "b": plan}, by, largest)
    totals = frame.groupby("plan")["value"].sum()
    assert totals["a"] == pytest.approx(plan.record.kpis.expected_value)
    assert totals["b"] == totals["a"]
    own = frame[(frame["plan"] == "a") & ~frame["is_rest"]]["value"]
    assert own.is_monotonic_decreasing
    assert frame["is_rest"].sum() in (0, 2)


def test_values_by_anything_else_are_refused(plan: Plan) -> None:
    with pytest.raises(UsageError, match="by region, team, grade, not by 'colour'"):
        values_frame({"a": plan}, "colour")


def test_flows_are_the_moves_and_what_nobody_gives(plan: Plan) -> None:
    frame = flows_frame(plan)
    leads = plan.assignments
    owned = frame[frame["giver"] != "nobody"]
    assert owned["leads"].sum() == plan.record.kpis.moves > 0
    assert owned["value"].sum() == pytest.approx(plan.record.kpis.value_moved)
    new = leads["owner"].isna() & leads["rep_id"].notna()
    assert frame.loc[frame["giver"] == "nobody", "leads"].sum() == new.sum()
    pairs = leads[leads["moved"]].groupby(["owner", "rep_id"]).size().to_dict()
    told = frame.set_index(["giver", "taker"])["leads"].to_dict()
    assert {pair: told.get(pair) for pair in pairs} == pairs


def many_movers(number: int, teams: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return leads of which each goes from one rep to the next, and the reps of some teams."""
    reps = pd.DataFrame(
        {
            "rep_id": [f"R{at:04d}" for at in range(number)],
            "team": [None if at == 0 else f"T{at % teams}" for at in range(number)],
        }
    )
    leads = pd.DataFrame(
        {
            "owner": reps["rep_id"],
            "rep_id": np.roll(reps["rep_id"], 1),
            "moved": True,
            "expected_value": 10.0,
        }
    )
    return leads, reps


@pytest.mark.parametrize(
    ("number", "teams", "by"), [(25, 2, "rep"), (26, 2, "team"), (900, 60, "team")]
)
def test_many_movers_are_told_by_team(plan: Plan, number: int, teams: int, by: str) -> None:
    leads, reps = many_movers(number, teams)
    frame = flows_frame(replace(plan, assignments=leads, reps=reps))
    assert set(frame["by"]) == {by}
    assert frame["leads"].sum() == number
    assert frame["value"].sum() == pytest.approx(10.0 * number)
    assert len(set(frame["giver"]) | set(frame["taker"])) <= (25 if by == "rep" else 15)
    team = reps.set_index("rep_id")["team"].fillna("no team")
    within = (leads["owner"].map(team) == leads["rep_id"].map(team)).sum()
    assert frame["within"].sum() == (within if by == "team" else 0)


def test_prices_are_those_of_the_plan(plan: Plan) -> None:
    limits = [str(name) for name in plan.reps if str(name).endswith(" price")]
    free = plan.reps.assign(**dict.fromkeys(limits, 0.0))
    assert prices_frame(replace(plan, reps=free)).empty
    hours = [100.0 * at for at in range(len(free))]
    leads = [0.0] * (len(free) - 1) + [900.0]
    dear = free.assign(**{"effort_hours price": hours, "count price": leads})
    frame = prices_frame(replace(plan, reps=dear))
    assert list(dict.fromkeys(frame["limit"])) == ["count", "effort_hours"]
    told = frame[frame["limit"] == "effort_hours"].set_index("rep")
    assert told["price"].to_dict() == dict(zip(dear["rep_id"], hours, strict=True))
    assert set(told["unit"]) == {"hour a week"}


def test_convergence_ends_where_the_plan_is(plan: Plan) -> None:
    frame = convergence_frame(plan)
    record = plan.record
    last = frame.iloc[-1]
    assert (last["objective"], last["bound"]) == (record.objective, record.bound)
    assert (last["bound"] - last["objective"]) / last["whole"] == pytest.approx(record.gap)
    assert len(frame) == len(record.trace) + 1
    assert frame["seconds"].is_monotonic_increasing
    assert frame["objective"].dropna().is_monotonic_increasing
    assert frame["bound"].is_monotonic_decreasing
    assert (frame["bound"] >= frame["objective"].fillna(-np.inf)).all()


def test_a_frontier_of_plans_has_their_kpis(plan: Plan) -> None:
    worse = plan.record.kpis.model_copy(update={"expected_value": 1.0})
    record = plan.record.model_copy(update={"kpis": worse})
    frame = frontier_frame({"good": plan, "bad": replace(plan, record=record)})
    assert frame["is_efficient"].tolist() == [True, False]
    assert frame["cost"].tolist() == [plan.record.kpis.moves] * 2
    gini = frontier_frame({"good": plan}, "gini")["cost"].iloc[0]
    assert gini == plan.record.kpis.loads["expected_value"].gini


def test_days_are_those_of_the_companys_own_zone(plan: Plan) -> None:
    context = context_of(plan.record)
    assert context.period == "23 to 29 November 2026"
    assert context.currency == "USD"
    tokyo = plan.record.model_copy(update={"timezone": "Asia/Tokyo"})
    assert context_of(tokyo).period == "23 to 30 November 2026"
