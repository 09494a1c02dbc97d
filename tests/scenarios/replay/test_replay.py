"""A replay: nothing of the future is known, state is each one's own, and one judge values all."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from models.errors import UsageError
from models.outcome import Limits
from planner.kpis import gini
from scenarios.replay.contenders import contenders
from scenarios.replay.replay import Replay, replay
from tests.policies import policy
from tests.scenarios.replay.dated import REPS, ZONE, frames, snapshot_of

if TYPE_CHECKING:
    from pathlib import Path

    from planner.policy import Policy

LIMITS = Limits(seconds=10.0, gap=0.0)
FIRST, LAST = date(2026, 2, 9), date(2026, 2, 23)
WEEKS = ("2026-02-09", "2026-02-16", "2026-02-23")
LEARNED = {"history": {"by": ["product"], "per_rep": True, "prior_strength": 5}}


def rules(**parts: Any) -> Policy:
    return policy(
        amount={"column": "amount", "missing": "error"},
        win_probability=LEARNED,
        **{
            "capacity": [{"measure": "count", "at_most": "max_leads"}],
            "continuity": {"switching_cost": {"share": "10%"}},
        }
        | parts,
    )


def played(tables: dict[str, pd.DataFrame], **options: Any) -> Replay:
    given: dict[str, Any] = {"first": FIRST, "last": LAST, "limits": LIMITS}
    return replay(snapshot_of(tables), rules(), **given | options)


@pytest.fixture(scope="module")
def three_weeks() -> Replay:
    return played(frames())


def assigned(found: Replay, contender: str, week: str) -> dict[str, str]:
    """Return rep_id by lead_id; "" for nobody."""
    table = found.assignments
    table = table[(table["contender"] == contender) & (table["week"] == week)]
    return dict(zip(table["lead_id"], table["rep_id"].fillna(""), strict=True))


def test_every_week_has_every_contender(three_weeks: Replay) -> None:
    weeks = three_weeks.weeks
    names = ["recorded", "plan", "round_robin", "greedy"]
    assert list(zip(weeks["week"], weeks["contender"], strict=True)) == [
        (week, name) for week in WEEKS for name in names
    ]
    assert three_weeks.summary["contender"].tolist() == names
    assert (weeks["leads"] > 10).all()
    assert (weeks["detail"] == "").all()
    assert (weeks["rules_broken"][weeks["contender"] == "plan"] == 0).all()


def altered(tables: dict[str, pd.DataFrame], week: str, seed: int) -> dict[str, pd.DataFrame]:
    """Return tables in which all that is dated on a day or later is otherwise."""
    random = np.random.default_rng(seed)
    tables = {name: frame.copy() for name, frame in tables.items()}
    history, leads, reps = tables["history"], tables["leads"], tables["reps"]
    later = history["closed_on"] >= week
    history.loc[later, "won"] = 1 - history.loc[later, "won"]
    history.loc[later, "amount"] = random.integers(0, 9_999, later.sum())
    history.loc[later, "rep_id"] = random.choice(REPS, later.sum())
    history.loc[later, "closed_on"] = random.choice([week, "2026-03-01", "2026-03-08"], later.sum())
    new = later & (history["created"] >= week)
    history.loc[new, "product"] = "other"
    history.loc[new, "expected_amount"] = 1e6
    leads["owner"] = random.choice(REPS, len(leads))
    leads["stage"] = "won"
    leads.loc[leads["created"] >= week, "amount"] = 1e6
    # Some that were made later never came.
    tables["leads"] = leads[(leads["created"] < week) | (random.random(len(leads)) < 0.5)]
    reps.loc[reps["hired"] >= week, "hired"] = "2026-03-05"
    tables["absences"] = pd.DataFrame(
        {"rep_id": ["R1"], "starts": [week], "ends": ["2026-03-30"], "kind": ["departure"]}
    )
    return tables


def test_nothing_dated_later_changes_a_plan(three_weeks: Replay) -> None:
    tables = altered(frames(), "2026-02-17", seed=1)
    other = played(tables, last=date(2026, 2, 16))
    for name in ("plan", "round_robin", "greedy"):
        for before in WEEKS[:2]:
            assert assigned(other, name, before) == assigned(three_weeks, name, before)
    recorded = [assigned(found, "recorded", WEEKS[1]) for found in (other, three_weeks)]
    assert recorded[0] != recorded[1]


def test_what_is_dated_before_does_change_a_plan(three_weeks: Replay) -> None:
    tables = frames()
    early = tables["history"]["closed_on"] < WEEKS[0]
    tables["history"].loc[early, "won"] = (tables["history"]["rep_id"] == "R3")[early].astype(int)
    other = played(tables, last=FIRST, against=())
    assert assigned(other, "plan", WEEKS[0]) != assigned(three_weeks, "plan", WEEKS[0])


def test_leads_leave_when_they_closed_in_truth(three_weeks: Replay) -> None:
    tables = frames()
    until = tables["history"].set_index("lead_id")["closed_on"].to_dict()
    since = pd.concat([tables["history"], tables["leads"]]).set_index("lead_id")["created"]
    for week in WEEKS:
        expected = {
            lead_id
            for lead_id, created in since.items()
            if created < week <= until.get(lead_id, "9999")
        }
        for name in ("recorded", "plan", "greedy"):
            assert set(assigned(three_weeks, name, week)) == expected


def test_each_has_the_owners_that_it_made(three_weeks: Replay) -> None:
    for before, after in pairwise(WEEKS):
        old, new = (assigned(three_weeks, "round_robin", week) for week in (before, after))
        # It hands out new leads only; nobody was without a rep.
        assert all(new[lead_id] == rep for lead_id, rep in old.items() if lead_id in new)
        old, new = (assigned(three_weeks, "plan", week) for week in (before, after))
        moved = sum(new[lead_id] != rep for lead_id, rep in old.items() if rep and lead_id in new)
        weeks = three_weeks.weeks
        row = weeks[(weeks["contender"] == "plan") & (weeks["week"] == after)].iloc[0]
        assert row["moves"] == moved
    # Nobody owns anything at first, so nothing moves.
    assert (three_weeks.weeks["moves"][:4] == 0).all()
    # Who was hired on 14 February gets nothing before.
    assert "R4" not in assigned(three_weeks, "plan", WEEKS[0]).values()
    assert "R4" in assigned(three_weeks, "round_robin", WEEKS[1]).values()


def test_one_judge_values_all_by_what_is_known_at_the_end(three_weeks: Replay) -> None:
    tables = frames()
    history = tables["history"]
    price = pd.concat(
        [
            history.set_index("lead_id")["expected_amount"],
            tables["leads"].set_index("lead_id")["amount"],
        ]
    )
    product = pd.concat([history, tables["leads"]]).set_index("lead_id")["product"]

    def chance(lead_id: str, rep_id: str) -> float:
        rate = history["won"].mean()
        of_product = history[history["product"] == product[lead_id]]
        for group in (of_product, of_product[of_product["rep_id"] == rep_id]):
            rate = (group["won"].sum() + 5 * rate) / (len(group) + 5)
        return float(rate)

    for row in three_weeks.weeks.to_dict("records"):
        pairs = assigned(three_weeks, row["contender"], row["week"])
        value = {
            lead_id: price[lead_id] * chance(lead_id, rep) if rep else 0.0
            for lead_id, rep in pairs.items()
        }
        assert row["expected_value"] == pytest.approx(sum(value.values()))
        books = dict.fromkeys(REPS if row["week"] > "2026-02-14" else REPS[:3], 0.0)
        for lead_id, rep in pairs.items():
            if rep in books:
                books[rep] += value[lead_id]
        assert row["value_gini"] == pytest.approx(gini(np.array(list(books.values()))))
        until = str((pd.Timestamp(row["week"]) + pd.Timedelta(weeks=1)).date())
        closing = history[history["lead_id"].isin(pairs) & (history["closed_on"] < until)]
        assert row["closed"] == len(closing)
        assert row["closed_value"] == pytest.approx(sum(value[i] for i in closing["lead_id"]))
        same = closing[closing["lead_id"].map(pairs) == closing["rep_id"]]
        assert (row["agreed"], row["agreed_won"]) == (len(same), same["won"].sum())
        assert row["agreed_brought"] == pytest.approx(same["amount"].sum())
        if row["contender"] == "recorded":
            assert len(same) == len(closing) > 0


def test_the_summary_adds_up_and_sets_all_against_who_did_it(three_weeks: Replay) -> None:
    summary = {row["contender"]: row for row in three_weeks.summary.to_dict("records")}
    plan = three_weeks.weeks[three_weeks.weeks["contender"] == "plan"]
    told = summary["plan"]
    assert told["weeks"] == 3
    assert told["expected_value"] == pytest.approx(plan["expected_value"].mean())
    assert told["closed_value"] == pytest.approx(plan["closed_value"].sum())
    assert told["moves"] == plan["moves"].sum()
    share = told["closed_value"] / summary["recorded"]["closed_value"] - 1
    assert told["against_recorded"] == pytest.approx(share)
    assert three_weeks.judged_by.startswith("Judged by test itself")


def test_a_run_that_was_ended_goes_on(three_weeks: Replay, tmp_path: Path) -> None:
    two = date(2026, 2, 16)
    whole = played(frames(), out=tmp_path, against=(), last=two)
    (tmp_path / "weeks" / f"{WEEKS[1]}.json").unlink()
    told: list[str] = []
    again = played(
        frames(),
        out=tmp_path,
        against=(),
        last=two,
        told=lambda row: told.append(str(row["week"])),
    )
    assert set(told) == set(WEEKS[:2])
    pd.testing.assert_frame_equal(whole.weeks, again.weeks)
    pd.testing.assert_frame_equal(whole.assignments, again.assignments)
    with pytest.raises(UsageError, match="holds a replay of other tables, policies or options"):
        played(frames(), out=tmp_path, against=("greedy",))
    for week in WEEKS[:2]:
        assert assigned(whole, "plan", week) == assigned(three_weeks, "plan", week)


def test_where_no_plan_exists_all_keep_what_they_have() -> None:
    # Nobody sells the one product, but every deal must have a rep.
    tables = frames()
    tables["reps"]["products"] = "erp"
    match = {"match": {"lead": "product", "rep": "products"}}
    impossible = rules(must=[match], unassigned="forbidden")
    found = replay(
        snapshot_of(tables), impossible, first=FIRST, last=FIRST, against=(), limits=LIMITS
    )
    weeks = found.weeks.set_index("contender")
    assert "no rep" in weeks["detail"]["plan"]
    assert weeks["coverage"].to_dict() == {"recorded": 1.0, "plan": 0.0}
    assert found.summary["weeks_without_plan"].tolist() == [1, 1]


def test_what_would_look_ahead_is_refused() -> None:
    tables = frames()
    tables["history"] = tables["history"].drop(columns="expected_amount")
    ahead = policy(
        amount={"column": "amount", "missing": "error"},
        win_probability={"column": "win_probability", "missing": 0.5},
    )
    with pytest.raises(UsageError) as caught:
        replay(snapshot_of(tables), ahead)
    assert "the policy would look ahead" in str(caught.value)
    assert "let the policy learn them" in str(caught.value)
    assert "`expected_amount`" in str(caught.value)


def test_only_known_policies_take_part() -> None:
    assert contenders(["least_busy"]) == ("recorded", "plan", "least_busy")
    with pytest.raises(UsageError, match="no simple policy is called 'roundrobin'"):
        contenders(["roundrobin"])
    with pytest.raises(UsageError, match="one is named twice"):
        contenders(["greedy", "greedy"])


def test_the_first_day_is_in_the_company_s_zone() -> None:
    # A deal that was made late on Sunday in New York, which is Monday in UTC, has come by Monday.
    tables = frames()
    tables["leads"].loc[0, "created"] = "2026-02-09T03:00:00Z"
    assert pd.Timestamp("2026-02-09T03:00:00Z").tz_convert(ZONE).day_name() == "Sunday"
    found = played(tables, last=FIRST, against=())
    assert tables["leads"]["lead_id"][0] in assigned(found, "plan", WEEKS[0])
