"""Changes to a company: what they do, what they say, what they refuse; the base stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from models.errors import ScenarioError
from planner.check import check
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from scenarios.what_if.scenario_file import CHANGES, read_scenario, scenario_from_text
from tests.companies import hand_made
from tests.policies import policy, yaml_text
from tests.watchers import EXACTLY

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot
    from scenarios.what_if.scenario import Scenario

SNAPSHOT = hand_made(
    {
        "amount": [100, 80, 60, 40],
        "region": ["US/West/CA", "US/West/WA", "US/East", "DE"],
        "product": ["crm", "crm", "erp", "erp"],
        "needs": ["", "audit", "", ""],
        "owner": ["R1", "R1", "R2", None],
        "company": ["Bond", "Acme", "Zest", "Wolf"],
    },
    {
        "regions": ["US/West", "US/East", "*"],
        "team": ["west", "east", "east"],
        "skills": ["audit", "", ""],
        "products": ["crm", "erp", "*"],
        "max_leads": [2, 2, 1],
        "capacity_hours": [40.0, 20.0, 30.0],
    },
    pins={"lead_id": ["L1"], "rep_id": ["R1"], "kind": ["fixed"]},
)
POLICY = policy(
    must=[{"region": {}}, {"skills": {}}, {"available": {"at_least": "50%"}}],
    capacity=[{"measure": "count", "at_most": "max_leads"}],
    fairness=[{"measure": "count", "within": "50%", "mode": "soft", "cost": 1.0}],
)


def applied(*changes: dict[str, Any]) -> Snapshot:
    """Return what the company becomes."""
    return scenario(*changes).applied(SNAPSHOT, POLICY)[0]


def scenario(*changes: dict[str, Any]) -> Scenario:
    """Return the scenario of changes, by way of its YAML."""
    return scenario_from_text(yaml_text({"name": "test", "changes": list(changes)}))


def reps_of(snapshot: Snapshot, column: str) -> dict[str, Any]:
    reps = snapshot.reps
    return dict(zip(reps["rep_id"], reps[column], strict=True))


def test_the_base_stays_as_it_is_and_nothing_but_the_change_differs() -> None:
    before = SNAPSHOT.content_hash
    text = POLICY.document.text
    changed = applied({"rep_leaves": {"reps": ["R2"]}})
    assert SNAPSHOT.content_hash == before
    assert POLICY.document.text == text
    for column in SNAPSHOT.reps.columns.drop("active"):
        pd.testing.assert_series_equal(changed.reps[column], SNAPSHOT.reps[column])
    pd.testing.assert_frame_equal(changed.leads, SNAPSHOT.leads)
    assert reps_of(changed, "active")["R2"] == 0
    assert changed.present["leads"] == SNAPSHOT.present["leads"]


def test_who_joins_like_somebody_who_leaves_works() -> None:
    leaves, joins = {"rep_leaves": {"reps": ["R1"]}}, {"rep_joins": {"rep_id": "N1", "like": "R1"}}
    is_active = reps_of(applied(leaves, joins), "active")
    assert is_active["N1"]
    assert not is_active["R1"]


def test_a_rep_joins() -> None:
    joined = applied({"rep_joins": {"rep_id": "N1", "like": "R1", "set": {"capacity_hours": 10}}})
    assert reps_of(joined, "regions")["N1"] == "US/West"
    assert reps_of(joined, "capacity_hours")["N1"] == 10
    alone = applied({"rep_joins": {"rep_id": "N1", "set": {"regions": "DE", "max_leads": 3}}})
    assert reps_of(alone, "max_leads")["N1"] == 3


def test_reps_leave_by_filter() -> None:
    left = applied({"rep_leaves": {"where": {"team": "east"}}})
    assert [reps_of(left, "active").get(rep) for rep in ("R2", "R3")] == [0, 0]
    assert len(left.pins) == 1
    assert len(applied({"rep_leaves": {"reps": ["R1"]}}).pins) == 0


def test_a_rep_is_away() -> None:
    away = applied({"rep_absent": {"rep_id": "R1", "starts": "2026-11-23", "ends": "2026-11-27"}})
    (row,) = away.absences.to_dict("records")
    assert (row["rep_id"], row["kind"]) == ("R1", "vacation")
    # The last day counts whole, in New York.
    assert row["starts"] == pd.Timestamp("2026-11-23T05:00Z")
    assert row["ends"] == pd.Timestamp("2026-11-28T05:00Z")


def test_hours_and_leads_are_scaled() -> None:
    half = applied({"part_time": {"rep_id": "R1", "share": "50%"}})
    assert (reps_of(half, "capacity_hours")["R1"], reps_of(half, "max_leads")["R1"]) == (20, 1)
    more = applied({"capacity": {"where": {"team": "east"}, "by": "110%"}})
    assert reps_of(more, "capacity_hours") == pytest.approx({"R1": 40, "R2": 22, "R3": 33})


def test_territories() -> None:
    moved = applied({"move_territory": {"region": "US/West", "to_rep": "R2"}})
    assert reps_of(moved, "regions") == {"R1": None, "R2": "US/East;US/West", "R3": "*"} or (
        pd.isna(reps_of(moved, "regions")["R1"])
        and reps_of(moved, "regions")["R2"] == "US/East;US/West"
    )
    split = applied(
        {
            "split_territory": {
                "region": "US/West",
                "into": {"R1": ["US/West/CA"], "R2": ["US/West/WA"]},
            }
        }
    )
    regions = reps_of(split, "regions")
    assert (regions["R1"], regions["R2"]) == ("US/West/CA", "US/East;US/West/WA")
    merged = applied({"merge_territories": {"regions": ["US/West", "US/East"]}})
    assert reps_of(merged, "regions")["R1"] == "US/West;US/East"


def test_more_and_fewer_leads_are_drawn_by_the_seed() -> None:
    more = applied({"more_leads": {"where": {"region": {"under": "US"}}, "by": "200%", "seed": 3}})
    assert more.num_leads == 10
    new = more.leads[more.leads["lead_id"].str.contains("+", regex=False)]
    assert len(new) == 6
    assert new["owner"].isna().all()
    assert new["company"].isna().all()
    again = applied({"more_leads": {"where": {"region": {"under": "US"}}, "by": "200%", "seed": 3}})
    assert again.content_hash == more.content_hash
    fewer = applied({"fewer_leads": {"by": "50%", "seed": 1}})
    assert fewer.num_leads == 2
    assert set(fewer.pins["lead_id"]) <= set(fewer.leads["lead_id"])


def test_leads_of_an_event_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "event.csv").write_text("lead_id,region,amount\nE1,DE,500\n", encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        "name: event\nchanges:\n  - leads_from: {file: event.csv}\n", encoding="utf-8"
    )
    read = read_scenario(tmp_path / "s.yaml")
    snapshot, _ = read.applied(SNAPSHOT, POLICY)
    assert snapshot.num_leads == 5
    assert read.sentences() == ("The leads of event.csv come in.",)
    (tmp_path / "event.csv").write_text("lead_id,amount\nL1,-5\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="leads_from"):
        read.applied(SNAPSHOT, POLICY)


def test_skills_and_products() -> None:
    trained = applied(
        {"train": {"skill": "audit", "where": {"team": "east"}}}, {"new_product": {"product": "ai"}}
    )
    assert reps_of(trained, "skills") == {"R1": "audit", "R2": "audit", "R3": "audit"}
    assert reps_of(trained, "products") == {"R1": "crm;ai", "R2": "erp;ai", "R3": "*"}


def test_the_policy_is_written_otherwise() -> None:
    changes = (
        {"policy": {"path": "fairness.0.within", "value": "10%"}},
        {"policy": {"path": "must.2"}},
        {"policy": {"path": "capacity.+", "value": {"measure": "amount", "at_most": 500}}},
        {"policy": {"path": "unassigned", "value": {"cost": "50%"}}},
    )
    _, changed = scenario(*changes).applied(SNAPSHOT, POLICY)
    assert changed.fairness[0].within == 0.1
    assert [rule.name for rule in changed.must] == ["region", "skills"]
    assert len(changed.capacity) == 2
    assert changed.unassigned.cost == 0.5
    assert POLICY.fairness[0].within == 0.5


def test_changes_see_what_those_before_them_made() -> None:
    both = scenario(
        {"rep_joins": {"rep_id": "N1", "like": "R2"}},
        {"part_time": {"rep_id": "N1", "share": "50%"}},
    )
    snapshot, _ = both.applied(SNAPSHOT, POLICY)
    assert reps_of(snapshot, "capacity_hours")["N1"] == 10
    assert both.without(1).applied(SNAPSHOT, POLICY)[0].num_reps == 4
    with pytest.raises(ScenarioError, match="there is no rep 'N1'"):
        both.without(0).applied(SNAPSHOT, POLICY)


FAULTS: list[tuple[dict[str, Any], str]] = [
    (
        {"rep_leaves": {"reps": ["R9"]}},
        "change 1, rep_leaves: there is no rep 'R9'",
    ),
    ({"rep_leaves": {"where": {"team": "north"}}}, "no record of reps is one where team is north"),
    ({"rep_leaves": {"where": {"tean": "west"}}}, "no column 'tean'; the nearest is 'team'"),
    ({"rep_joins": {"rep_id": "R1", "like": "R2"}}, "there is a rep 'R1' already"),
    ({"rep_joins": {"rep_id": "N1"}}, "needs `like`, or `set` with regions"),
    ({"rep_joins": {"rep_id": "N", "like": "R1", "set": {"level": "x"}}}, "level is a number"),
    ({"move_territory": {"region": "FR", "to_rep": "R1"}}, "no rep covers 'FR'"),
    ({"move_territory": {"region": "US/West", "to_team": "no"}}, "there is no team 'no'"),
    ({"split_territory": {"region": "US", "into": {"R1": ["DE"]}}}, "'DE' does not lie under 'US'"),
    ({"merge_territories": {"regions": ["US/West", "FR"]}}, "no rep covers 'FR' by name"),
    ({"capacity": {"by": "110%", "columns": ["team"]}}, "'team' of reps does not hold numbers"),
    ({"policy": {"path": "fairnes.0.within", "value": "5%"}}, "the nearest is 'fairness'"),
    ({"policy": {"path": "fairness.4.within", "value": "5%"}}, "a list of 1 entries"),
    ({"policy": {"path": "name.x", "value": "5%"}}, "which has no parts"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        scenario(change).applied(SNAPSHOT, POLICY)
    assert said in str(error.value)


def test_all_faults_are_listed() -> None:
    with pytest.raises(ScenarioError) as error:
        scenario(*(change for change, _ in FAULTS)).applied(SNAPSHOT, POLICY)
    assert len(error.value.faults) >= len(FAULTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: a\nchanges:\n  - rep_leavs: {reps: [R1]}\n", "line 3: changes: unknown change"),
        ("name: a\nchanges:\n  - rep_leaves: {rep: [R1]}\n", "the nearest is 'reps'"),
        ("name: a\nchanges:\n  - part_time: {rep_id: R1, share: 0.5}\n", "percent sign"),
        ("name: a\nchanges: []\n", "is empty"),
        ("changes:\n  - train: {skill: x}\n", "the key 'name' is missing"),
        ("name: a\nchange:\n  - train: {skill: x}\n", "unknown key 'change'"),
        ("name: a\nchanges:\n  - train\n", "a change is written as"),
        ("a: [", "not YAML"),
    ],
)
def test_files_with_faults(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as error:
        scenario_from_text(text)
    assert said in str(error.value)


def test_every_change_tells_itself() -> None:
    changes: list[dict[str, Any]] = [
        {"rep_joins": {"rep_id": "N1", "like": "R2", "set": {"capacity_hours": 20}}},
        {"rep_leaves": {"reps": ["R1"]}},
        {"rep_absent": {"rep_id": "R1", "starts": "2026-11-23", "ends": "2026-11-27"}},
        {"part_time": {"rep_id": "R2", "share": "60%"}},
        {"capacity": {"where": {"team": "east"}, "by": "90%"}},
        {"move_territory": {"region": "US/West", "from_rep": "R1", "to_team": "east"}},
        {"split_territory": {"region": "US", "into": {"R2": ["US/East"]}}},
        {"merge_territories": {"regions": ["US/West", "US/East"]}},
        {"more_leads": {"where": {"region": "DE"}, "by": "20%"}},
        {"fewer_leads": {"by": "10%", "seed": 4}},
        {"leads_from": {"file": "event.csv"}},
        {"train": {"skill": "audit", "where": {"team": "east"}}},
        {"new_product": {"product": "ai"}},
        {"policy": {"path": "fairness.0.within", "value": "10%"}},
    ]
    told = scenario(*changes)
    assert {change.name for change in told.changes} == {kind.name for kind in CHANGES}
    assert told.sentences() == (
        "N1 joins, like R2, capacity_hours 20.",
        "R1 leaves; pins to them lapse.",
        "R1 is away from 23 Nov 2026 to 27 Nov 2026.",
        "R2 works 60 % of the hours.",
        "Capacity hours and max leads of reps where team is east shrink by 10 %.",
        "Region US/West goes from R1 to team east.",
        "Region US is split: US/East to R2.",
        "Regions US/West and US/East are one territory.",
        "20 % more leads where region is DE come in (seed 0).",
        "10 % of the leads are lost (seed 4).",
        "The leads of event.csv come in.",
        "Reps where team is east learn audit.",
        "All reps sell ai.",
        "In the policy, fairness.0.within is '10%'.",
    )


def test_a_generated_company_under_many_changes_still_gets_a_checked_plan() -> None:
    spec = CompanySpec(num_leads=150, num_reps=8, seed=3)
    base = generate(spec).snapshot()
    rules = policy_from_text(policy_text(spec))
    reps = base.reps["rep_id"].tolist()
    told = scenario(
        {"rep_leaves": {"reps": [reps[0]]}},
        {"rep_joins": {"rep_id": "N1", "like": reps[1]}},
        {"rep_absent": {"rep_id": reps[2], "starts": "2026-11-23", "ends": "2026-12-04"}},
        {"capacity": {"by": "90%"}},
        {"more_leads": {"by": "30%", "seed": 5}},
        {"policy": {"path": "unassigned", "value": {"cost": "50%"}}},
    )
    snapshot, changed = told.applied(base, rules)
    plan = make_plan(snapshot, changed, limits=EXACTLY, rule_prices=False)
    assert check(changed, snapshot, plan.assignments, plan.record.settled) == []
    assert reps[0] not in set(plan.assignments["rep_id"].dropna())
