"""The report of a plan: one page that loads nothing, and says what the plan's own figures say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.errors import UsageError
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from scenarios.report.page import report
from tests.browser import visit
from tests.companies import hand_made
from tests.policies import policy

if TYPE_CHECKING:
    from pathlib import Path

    from models.plan import Plan

MARKUP = "</style><script>alert('R&D')</script>"
FAIR = """
fairness:
  - {measure: expected_value, share_by: quota, within: 20%, mode: soft, cost: 0.3}
continuity:
  switching_cost: {share: 5%}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    spec = CompanySpec(num_leads=200, num_reps=8, seed=3)
    rules = policy_from_text(policy_text(spec) + FAIR)
    limits = Limits(seconds=20.0, gap=1e-3)
    return make_plan(generate(spec).snapshot(), rules, limits=limits, baselines=("greedy",))


@pytest.fixture(scope="module")
def nasty() -> Plan:
    """A plan whose every text is markup."""
    snapshot = hand_made(
        {"lead_id": [MARKUP, "b", "c"], "amount": [3, 2, 1], "owner": [MARKUP, "", ""],
         "region": [MARKUP, MARKUP, ""], "grade": [MARKUP, "A", "A"]},
        {"rep_id": ["R2", MARKUP], "team": [MARKUP, ""], "max_leads": [1, 1]},
    )  # fmt: skip
    rules = policy(name=MARKUP, capacity=[{"measure": "count", "at_most": "max_leads"}])
    return make_plan(snapshot, rules, limits=Limits(seconds=20.0, gap=0.0), rule_prices=False)


@pytest.mark.parametrize("width", [1200, 420])
def test_a_browser_opens_it_without_a_network(plan: Plan, tmp_path: Path, width: int) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(plan), encoding="utf-8")
    with visit(path.as_uri(), width) as seen:
        page = seen.page
        assert seen.complaints == []
        assert [url for url in seen.asked if not url.startswith("data:")] == [path.as_uri()]
        assert page.title() == f"Plan {plan.record.policy}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.locator("figure svg[aria-label]").count() >= 6
        for link in page.locator("nav a").all():
            assert page.locator(str(link.get_attribute("href"))).count() == 1


def test_it_says_what_the_plan_says(plan: Plan) -> None:
    record, page = plan.record, report(plan)
    assert f"{record.kpis.expected_value:,.0f}" in page
    assert f"{record.gap:.3%}" in page
    for sentence in record.sentences:
        assert sentence.text.split("'")[0] in page
    moved = plan.assignments[plan.assignments["moved"]]
    for lead_id in moved["lead_id"]:
        assert f">{lead_id}<" in page
    for lead_id in plan.unassigned["lead_id"]:
        assert f">{lead_id}<" in page
    assert record.hashes["plan"] in page


def test_texts_of_tables_are_no_markup(nasty: Plan, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(nasty, {MARKUP: nasty}), encoding="utf-8")
    with visit(path.as_uri()) as seen:
        assert seen.complaints == []
        assert seen.page.locator("script").count() == 0
        assert MARKUP in seen.page.locator("h1").inner_text()
        assert MARKUP in seen.page.title()


def test_a_plan_of_nothing_and_one_that_breaks_rules(nasty: Plan) -> None:
    empty = replace(
        nasty,
        assignments=nasty.assignments.assign(moved=False, rep_id="R2"),
        prices=nasty.prices.iloc[:0],
        issues=nasty.issues.iloc[:0],
        record=nasty.record.model_copy(update={"trace": (), "stages": ()}),
    )
    assert "There are none." in report(empty)
    broken = nasty.record.model_copy(update={"feasible": False, "breaches": ("R2 has too much",)})
    page = report(replace(nasty, record=broken))
    assert "Not feasible" in page
    assert "R2 has too much" in page


def test_beside_other_plans(plan: Plan) -> None:
    other = replace(plan, assignments=plan.assignments.assign(rep_id=None))
    assert '<th scope="col" class="number">as it was</th>' in report(plan, {"as it was": other})
    euros = replace(plan, record=plan.record.model_copy(update={"currency": "EUR"}))
    with pytest.raises(UsageError, match="different currencies"):
        report(plan, {"euros": euros})
