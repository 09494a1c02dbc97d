"""Companies of the contest: their past is cut in two by date, their rules are the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import UsageError
from scenarios.bench.contenders import contender, generated, halves, maven_crm
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot

COUNT = [{"measure": "count", "at_most": "max_leads"}]


def with_past(*days: str) -> Snapshot:
    size = len(days)
    return hand_made(
        {"region": ["US"]},
        {"max_leads": [5]},
        history={
            "lead_id": [f"H{at}" for at in range(size)],
            "rep_id": ["R1"] * size,
            "closed_on": list(days),
            "won": [1] * size,
        },
    )


@pytest.mark.parametrize(
    ("days", "early", "late"),
    [
        (("2026-01-04", "2026-01-01", "2026-01-03", "2026-01-02"), {"H1", "H3"}, {"H0", "H2"}),
        (("2026-01-01", "2026-01-02", "2026-01-02", "2026-01-03"), {"H0", "H1", "H2"}, {"H3"}),
        (("2026-01-01", "2026-01-02", "2026-01-02"), {"H0"}, {"H1", "H2"}),
    ],
)
def test_halves_are_cut_between_days(
    days: tuple[str, ...], early: set[str], late: set[str]
) -> None:
    first, second = halves("small", with_past(*days))
    assert set(first.history["lead_id"]) == early
    assert set(second.history["lead_id"]) == late
    assert first.leads.equals(second.leads)


@pytest.mark.parametrize("days", [(), ("2026-01-01", "2026-01-01")])
def test_a_past_of_one_day_cannot_be_cut(days: tuple[str, ...]) -> None:
    snapshot = with_past(*days) if days else hand_made({"region": ["US"]}, {"max_leads": [5]})
    with pytest.raises(UsageError, match="the history must span more than one day"):
        halves("small", snapshot)


def test_generated_companies_differ_by_seed() -> None:
    first, second = generated(2, 40, 4, seed=5)
    assert (first.name, second.name) == ("generated, seed 5", "generated, seed 6")
    assert first.learned.snapshot.content_hash != second.learned.snapshot.content_hash
    assert first.weight_column == "capacity_hours"
    assert first.policy.prefer == ()
    pasts = [set(each.snapshot.history["lead_id"]) for each in (first.learned, first.judge)]
    assert not pasts[0] & pasts[1]
    assert sum(map(len, pasts)) == 80


def test_maven_crm_is_cut_where_its_policies_cut_it(shared_data: Path) -> None:
    company = maven_crm(shared_data / "maven-crm")
    assert len(company.learned.snapshot.history) == 3357
    assert len(company.judge.snapshot.history) == 3354
    assert company.weight_column == "max_leads"
    assert company.weight.min() > 0


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not hold the four files of maven-crm"):
        maven_crm(tmp_path)


def test_policies_that_would_bend_the_comparison_are_refused() -> None:
    snapshot = with_past("2026-01-01", "2026-01-02")
    with pytest.raises(UsageError, match="neither fair shares nor rules on moves"):
        contender("x", snapshot, policy(capacity=COUNT, continuity={"at_most_moves": {"total": 1}}))
    with pytest.raises(UsageError, match="first limit per rep must be a column"):
        contender("x", snapshot, policy(capacity=[{"measure": "count", "at_most": 3}]))
