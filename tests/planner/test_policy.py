"""A policy: read, checked against the tables, told in plain English; every fault is explained."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from models.errors import NoPlanError, PolicyError
from models.files.snapshot_files import read_snapshot
from planner.compile import compile_problem
from planner.policy import policy_from_text, read_policy
from planner.rules import RULES
from planner.rules.rule import Section
from tests.companies import company, hand_made, snapshots
from tests.policies import BASE, faults_of, policies, policy

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot
    from planner.policy import Policy

ALWAYS = {"lead_id", "rep_id", "owner", "created"}
"""Columns that every plan needs: who is who, who holds what, in which order leads came."""
EVERYTHING = """\
version: 1
name: everything
currency: USD
period: {starts: next monday, length: 2 weeks}
families: {by: company}
must:
  - region: {}
  - skills: {where: {stage: [new, negotiation]}}
  - match: {lead: industry, rep: industries}
  - level:
      by: grade
      least: {A: 3, B: 2}
  - available: {at_least: 50%, cover: true}
  - only: {where: {stage: new}, reps: {team: development}}
value:
  amount: {column: amount, missing: {median_by: [product]}}
  win_probability:
    history:
      by: [industry, grade]
      prior_strength: 20
      where: {closed_on: {at_least: 2020-01-01}}
  prefer:
    - match: {lead: industry, rep: industries, bonus: 10%}
    - past_contact: {bonus: 15%}
    - distance: {half_at_km: 300}
    - urgency: {at_least: 4, bonus: 20%}
    - steer: {where: {grade: C}, hired_within: 90 days, bonus: 20%}
    - tiers: {by: grade, first: {A: 4}, below: 10%}
capacity:
  - {measure: effort_hours, at_most: capacity_hours}
  - measure: count
    at_most: max_leads
    reserve: 15%
  - {measure: count, where: {grade: A}, at_most: 12}
fairness:
  - {measure: expected_value, within: 15%, mode: soft, cost: 0.5}
concentration:
  - {measure: count, by: industry, at_most: 40%, beyond: 5}
returning: {catch_up: 50%}
continuity:
  switching_cost: {share: 15%, reduced_by: {industry: 50%}}
  at_most_moves: {total: 40, per_losing_rep: 3}
  protect:
    - where: {stage: [negotiation]}
    - owned_for: {under: 14 days}
unassigned: {cost: 100%}
"""


def test_it_describes_every_rule() -> None:
    read = policy_from_text(EVERYTHING)
    assert read.describe() == [
        "The plan is for 2 weeks from next Monday.",
        "A rep works only leads whose region lies under the rep's regions.",
        "Where stage is new or negotiation, a rep works only leads whose needs are all among "
        "the rep's skills.",
        "A rep works only leads whose industry is among the rep's industries.",
        "A rep needs at least the level that the lead's grade asks for: 3 for A, 2 for B.",
        "A rep gets new leads only if at work for at least 50 % of the period's working time; "
        "others cover the present book.",
        "Where stage is new, a lead goes only to reps whose team is development.",
        "A rep who has left, or leaves within the period, works no lead.",
        "A pinned lead goes to the rep, team or region it is fixed to, and never to one it is "
        "barred from.",
        "Leads of the same company or family, and copies of one record, share one rep.",
        "A lead brings its amount if it is won; where that is empty, "
        "the median of leads with the same product.",
        "The chance to win a lead is the rate of past wins with the same industry and grade "
        "where closed_on is at least 2020-01-01, the rep's own before others'; "
        "20 outcomes of the wider group count in.",
        "A pair counts 10 % more where the lead's industry is among the rep's industries.",
        "A pair counts 15 % more where the rep has worked the same family or company before.",
        "A pair counts half for every 300 km between them.",
        "A lead with urgency of at least 4 counts 20 % more.",
        "A lead where grade is C counts 20 % more with a rep hired less than 90 days before "
        "the period.",
        "A lead goes first to reps of the level for its grade (4 for A); with one below it "
        "counts 10 %.",
        "A rep never gets more hours a week than the rep's capacity_hours, "
        "work outside the plan included.",
        "A rep never gets more leads than the rep's max_leads, work outside the plan included; "
        "15 % of that is kept for arrivals.",
        "A rep never gets more than 12 leads where grade is A.",
        "A rep's expected value lies within 15 % of the fair share, which is equal for all; "
        "each unit outside costs 0.5.",
        "At most 40 % of a rep's leads have the same industry, not counting the first 5; "
        "a book with more today gets no worse.",
        "A rep who was away for 14 days or more and came back less than 14 days before the period "
        "gains at most an equal part of the open leads and 50 % more.",
        "An owned lead that changes hands loses 15 % of its expected value; 50 % less of that "
        "where the lead's industry is among the new rep's industries.",
        "At most 40, 3 from any one rep of the owned leads change hands; "
        "those that their owner may not keep do not count.",
        "A lead where stage is negotiation stays with its owner, if the owner may keep it.",
        "A lead owned for less than 14 days stays with its owner, if the owner may keep it.",
        "A lead without a rep costs 100 % of its best possible score.",
    ]
    assert {type(rule) for rule in read.rules()} == set(RULES)


def test_it_names_every_column_that_it_reads() -> None:
    assert policy_from_text(EVERYTHING).columns() == {
        "leads": {
            *("amount", "company", "effort_hours", "email", "family", "grade", "industry"),
            *("latitude", "longitude", "needs", "owned_since", "owner", "product", "region"),
            *("stage", "urgency"),
        },
        "reps": {
            *("active", "base_hours", "base_leads", "capacity_hours", "industries", "latitude"),
            *("hired", "level", "longitude", "max_leads", "regions", "skills", "team"),
            *("timezone", "working_hours"),
        },
        "history": {"closed_on", "company", "family", "grade", "industry", "won"},
        "absences": {"ends", "kind", "rep_id", "starts"},
        "pins": {"kind", "lead_id", "region", "rep_id", "team"},
    }


def test_the_smallest_policy_has_every_default() -> None:
    read = policy_from_text(
        "version: 1\nname: small\ncurrency: USD\nvalue: {win_probability: {column: urgency}}"
    )
    assert (read.must, read.prefer, read.capacity) == ((), (), ())
    assert [rule.section for rule in read.always] == [Section.ALWAYS] * 2
    assert read.unassigned.cost == 1
    assert read.describe()[0] == "The plan is for 1 week from next Monday."


@pytest.mark.parametrize(
    "empty",
    [
        "families:",
        "must:",
        "capacity:",
        "fairness:",
        "concentration:",
        "returning:",
        "continuity:",
        "period:",
        "unassigned:",
    ],
)
def test_an_empty_section_is_as_good_as_none(empty: str) -> None:
    assert policy_from_text(f"{BASE}{empty}\n").describe() == policy_from_text(BASE).describe()


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            "must:",
            "musts:",
            [
                "line 6: policy: unknown key 'musts'; the nearest is 'must'; known are version, "
                "name, currency, period, families, must, value, capacity, fairness, concentration, "
                "returning, continuity, unassigned"
            ],
        ),
        ("version: 1", "version: 2", ["line 1: version: got 2; must be 1"]),
        ("version: 1", "version: true", ["line 1: version: got True; must be 1"]),
        ("version: 1\n", "", ["line 1: policy: the key 'version' is missing"]),
        ("name: everything", "name: ''", ["line 2: name: got ''; must not be empty"]),
        ("name: everything", "name: 5", ["line 2: name: got 5; must be text"]),
        (
            "currency: USD",
            "currency: dollar",
            ["line 3: currency: got 'dollar'; must be three capitals (ISO 4217), such as USD"],
        ),
        (
            "starts: next monday",
            "starts: monday",
            [
                "line 4: period.starts: got 'monday'; "
                "must be `next monday`, `as_of` or a date as 2026-12-01"
            ],
        ),
        (
            "length: 2 weeks",
            "length: 2",
            [
                "line 4: period.length: got 2; "
                "a length of time is a number of hours, days or weeks, such as 2 weeks; "
                "at most 41,666 days"
            ],
        ),
        (
            "length: 2 weeks",
            "lenght: 2 weeks",
            [
                "line 4: period: unknown key 'lenght'; the nearest is 'length'; "
                "known are starts, length"
            ],
        ),
        (
            "  - region: {}",
            "  - regions: {}",
            [
                "line 7: must: unknown rule 'regions'; the nearest is 'region'; "
                "known are region, skills, match, level, only, available"
            ],
        ),
        (
            "  - region: {}",
            "  - distance: {half_at_km: 5}",
            ["line 7: must: 'distance' belongs under value.prefer, not here"],
        ),
        (
            "  - region: {}",
            "  - region",
            ["line 7: must: got 'region'; a rule is written as `name: {parameters}`"],
        ),
        (
            "  - region: {}",
            "  - region: 5",
            ["line 7: must.region: got 5; must be `name: value` pairs"],
        ),
        (
            "  - region: {}",
            "  - region: []",
            ["line 7: must.region: got []; must be `name: value` pairs"],
        ),
        (
            "  - region: {}",
            "  - region: {by: owner}",
            ["line 7: must.region: unknown key 'by'; known are during, where"],
        ),
        (
            "      by: grade",
            "      per: grade",
            [
                "line 10: must.level: the key 'by' is missing",
                "line 11: must.level: unknown key 'per'; known are during, where, by, least",
            ],
        ),
        (
            "{median_by: [product]}",
            "{median_by: [product], mean_by: grade}",
            [
                "line HERE: value.amount.missing: unknown key 'mean_by'; "
                "the nearest is 'median_by'; known are median_by"
            ],
        ),
        (
            "prior_strength: 20",
            "prior_strength: big",
            [
                "line HERE: value.win_probability.history.prior_strength: got 'big'; "
                "must be a number"
            ],
        ),
        (
            "{at_least: 2020-01-01}",
            "{from: 2020-01-01}",
            [
                "line HERE: value.win_probability.history.where.closed_on: unknown key 'from'; "
                "known are any_of, not, at_least, at_most, under, missing"
            ],
        ),
        (
            "at_least: 4, bonus",
            "at_least: .inf, bonus",
            ["line HERE: value.prefer.urgency.at_least: got '.inf'; must be a number"],
        ),
        (
            "bonus: 15%",
            "bonus: 15",
            [
                "line HERE: value.prefer.past_contact.bonus: got 15; "
                "a share is written with a percent sign, such as 15%"
            ],
        ),
        (
            "  prefer:\n    - match",
            "  prefers:\n    - match",
            [
                "line HERE: value: unknown key 'prefers'; the nearest is 'prefer'; "
                "known are amount, win_probability, prefer"
            ],
        ),
        (
            "capacity:\n  - {measure: effort_hours, at_most: capacity_hours}",
            "capacity:\n  measure: effort_hours",
            None,
        ),
        (
            "    reserve: 15%",
            "    reserves: 15%",
            [
                "line HERE: capacity: unknown key 'reserves'; the nearest is 'reserve'; "
                "known are during, measure, where, at_most, per, reserve"
            ],
        ),
        (
            "unassigned: {cost: 100%}",
            "unassigned: 100%",
            ["line HERE: unassigned: got '100%'; must be `forbidden` or `{cost: 100%}`"],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, faults: list[str] | None) -> None:
    assert old in EVERYTHING
    same = next(at for at in range(len(old) + 1) if old[: at + 1] != new[: at + 1])
    line = EVERYTHING[: EVERYTHING.index(old) + same].count("\n") + 1
    told = faults_of(EVERYTHING.replace(old, new))
    if faults is None:
        assert told
        assert told[0].startswith("line ")
    else:
        assert told == [fault.replace("HERE", str(line)) for fault in faults]


def test_every_fault_is_told_at_once() -> None:
    text = BASE.replace("USD", "usd") + "must: region\ncapacity: {}\nfamilies: {by: team}\n"
    assert faults_of(text) == [
        "line 3: currency: got 'usd'; must be three capitals (ISO 4217), such as USD",
        "line 9: families.by: got 'team'; must be 'company'",
        "line 7: must: got 'region'; must be a list, each entry after a dash",
        "line 8: capacity: got {}; must be a list, each entry after a dash",
    ]


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "just text", "5", "- a\n- b"])
def test_what_is_no_policy_at_all_is_refused(text: str) -> None:
    assert faults_of(text)


def test_a_policy_in_another_currency_is_refused() -> None:
    assert faults_of(BASE.replace("USD", "EUR"), hand_made({"amount": [1]})) == [
        "line 3: currency is EUR, but the tables are in USD; convert one of them"
    ]


def test_the_error_names_the_file_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(BASE + "must: region\ncapacity: 5\n", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    assert str(caught.value).splitlines()[0] == "rules.yaml: 2 faults"


def test_a_column_of_ones_own_is_kept_and_used(tmp_path: Path) -> None:
    (tmp_path / "snapshot.yaml").write_text(
        "schema: 1\nas_of: 2026-11-20T18:00:00Z\ntimezone: UTC\ncurrency: USD\n", encoding="utf-8"
    )
    (tmp_path / "leads.csv").write_text(
        "lead_id,win_probability,margin,tier\nL1,0.5,100,gold\nL2,0.5,,1\n", encoding="utf-8"
    )
    (tmp_path / "reps.csv").write_text(
        "rep_id,regions,tiers,most\nR1,*,gold;1,7\nR2,*,gold,5\n", encoding="utf-8"
    )
    read = policy(
        amount={"column": "margin", "missing": 0},
        must=[{"match": {"lead": "tier", "rep": "tiers"}}],
        capacity=[{"measure": "count", "at_most": "most", "where": {"tier": 1}}],
    )
    problem = compile_problem(read_snapshot(tmp_path, keep=read.columns()), read).problem
    assert problem.rep.tolist() == [0, 1, -1, 0, -1]
    assert problem.score.tolist() == [50, 50, -50, 0, 0]
    assert problem.resources[0].upper.tolist() == [7, 5]
    assert problem.resources[0].layers[0].amount.tolist() == [0, 1]
    with pytest.raises(PolicyError) as caught:
        compile_problem(read_snapshot(tmp_path), read)
    assert [fault.split(": ", 1)[1] for fault in caught.value.faults] == [
        f"{rule}: column {column!r} of {table} was not kept; name it under `keep:` in snapshot.yaml"
        for rule, table, column in (
            ("match", "leads", "tier"),
            ("match", "reps", "tiers"),
            ("amount", "leads", "margin"),
            ("capacity", "reps", "most"),
            ("capacity", "leads", "tier"),
        )
    ]


@settings(max_examples=25)
@given(snapshots(), policies())
def test_what_a_policy_does_not_name_it_does_not_read(snapshot: Snapshot, rules: Policy) -> None:
    """The problem is the same without the columns that no rule reads."""
    used = rules.columns()
    tables = {}
    for name, frame in snapshot.tables.items():
        unread = list(set(frame) - used[name] - ALWAYS)
        tables[name] = frame.assign(**frame[unread].mask(np.ones(frame[unread].shape, bool)))
    try:
        whole = compile_problem(snapshot, rules).problem
    except NoPlanError:
        return
    part = compile_problem(replace(snapshot, tables=tables), rules).problem
    np.testing.assert_array_equal(whole.rep, part.rep)
    np.testing.assert_array_equal(whole.score, part.score)
    for one, other in zip(whole.resources, part.resources, strict=True):
        np.testing.assert_array_equal(one.upper, other.upper)
        for layer, same in zip(one.layers, other.layers, strict=True):
            np.testing.assert_array_equal(layer.amount, same.amount)


def sections() -> list[str]:
    """Return small policies that together hold every part of EVERYTHING: fast to read."""
    head, must, value, rest = (
        EVERYTHING[EVERYTHING.index(start) : EVERYTHING.index(end) if end else None]
        for start, end in (
            ("version", "period"),
            ("must", "value"),
            ("value", "capacity"),
            ("capacity", ""),
        )
    )
    other = EVERYTHING[EVERYTHING.index("period") : EVERYTHING.index("must")]
    value_of_base = BASE[BASE.index("value") :]
    return [head + value_of_base + other + must, head + value, head + value_of_base + rest]


def mutated(text: str, rng: random.Random) -> str:
    """Return a text with a few signs, words or lines dropped, added, doubled or moved."""
    for _ in range(rng.randint(1, 3)):
        lines = text.splitlines(keepends=True)
        at, place = rng.randrange(len(lines)), rng.randrange(len(text))
        sign = rng.choice("{}[]:,-%#&*!|>'\"~ \n\t0a\u00e9\u2028\x00")
        word = rng.choice(["null", "true", "-1", "1e999", "9" * 30, "{}", "[]", "where", "<<", "*"])
        text = rng.choice(
            [
                text[:place] + sign + text[place:],
                text[:place] + text[place + 1 :],
                text[:place] + word + text[place + rng.randint(0, 9) :],
                "".join(lines[:at] + lines[at + 1 :]),
                "".join([*lines[:at], lines[at], *lines[at:]]),
                "".join([*lines[:at], "  " + lines[at], *lines[at + 1 :]]),
                "".join([*lines[:at], lines[at].lstrip(), *lines[at + 1 :]]),
            ]
        )
    return text


def test_no_text_ends_in_anything_but_a_policy_or_faults() -> None:
    rng, snapshot = random.Random(5), company(1)  # noqa: S311
    texts = sections()
    assert not [fault for text in texts for fault in faults_of(text, snapshot)]
    told = [faults_of(mutated(rng.choice(texts), rng), snapshot) for _ in range(2_000)]
    assert 1_000 < sum(map(bool, told)) < 2_000
    for fault in (fault for faults in told for fault in faults):
        assert "\n" not in fault
        # These are pydantic's own words, which speak of no policy.
        assert "Input should" not in fault
        assert "valid" not in fault
