"""Everything in README and docs that can run is run; every link leads somewhere."""

from __future__ import annotations

import re
import runpy
import shlex
from typing import TYPE_CHECKING

import pytest

from models.files.yaml_reader import parse_yaml
from planner.policy import parse_policy
from planner.rules import RULES
from scenarios.acceptance import MEASURED
from scenarios.acceptance_file import rules_from_text
from scenarios.generate import CompanySpec, generate
from scenarios.what_if.scenario_file import CHANGES, scenario_from_text
from tests.command_line import run_here
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted(
    [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("scenarios/library/*/*.md")]
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def blocks(page: Path, language: str) -> list[str]:
    return [code for name, code in FENCE.findall(page.read_text("utf-8")) if name == language]


def python_blocks() -> list[tuple[str, str]]:
    """Return examples that stand alone; those of docs/api.md need a server: test_docs_api.py."""
    alone = [page for page in PAGES if page.name != "api.md"]
    return [(page.name, code) for page in alone for code in blocks(page, "python")]


@pytest.mark.parametrize(("name", "code"), python_blocks())
def test_python_examples_run(name: str, code: str, tmp_path: Path) -> None:
    del name
    script = tmp_path / "example.py"
    script.write_text(code, encoding="utf-8")
    runpy.run_path(str(script), run_name="__main__")


def test_the_policy_page_is_a_policy_that_fits_a_company() -> None:
    (text,) = blocks(ROOT / "docs" / "policy.md", "yaml")
    policy = parse_policy(parse_yaml(text))
    policy.check(generate(CompanySpec(num_leads=60, num_reps=5)).snapshot())


def test_the_scenario_of_its_page_has_every_change() -> None:
    (text,) = blocks(ROOT / "docs" / "what-if.md", "yaml")
    scenario = scenario_from_text(text)
    assert {change.name for change in scenario.changes} == {kind.name for kind in CHANGES}


def test_the_rules_of_the_acceptance_page_are_rules() -> None:
    (text,) = blocks(ROOT / "docs" / "acceptance.md", "yaml")
    assert {rule.metric for rule in rules_from_text(text)} <= {"feasible", *MEASURED}


def test_the_policy_page_names_every_rule() -> None:
    text = (ROOT / "docs" / "policy.md").read_text("utf-8")
    for rule in RULES:
        if rule.section != "always":
            assert re.search(rf"\b{rule.name}\b", text), rule.name


SMALLER = {
    "--time-limit 30": "--time-limit 3",
    "L0001": "L001",
    "L0002": "L002",
    "R07": "R3",
    "what-if acme": "what-if acme --time-limit 3 --workers 1",
    "=8,12,16 --set 'unassigned": "=8 --time-limit 3 --workers 1 --set 'unassigned",
    # The policy has no rule of fairness of its own.
    "--axis moves --axis fairness": "--axis moves --axis fairness --measure count --share-by head",
    "frontier acme": "frontier acme --time-limit 3 --workers 1 --points 3",
}
"""What the commands of the pages become in a company of 120 leads and 6 reps."""


def commands_of(page: str) -> list[str]:
    """Return the commands of a page on a company of its own, in their order."""
    lines = [line for code in blocks(ROOT / page, "sh") for line in code.splitlines()]
    commands = [line.split("#")[0].strip() for line in lines]
    return [command for command in commands if " acme" in command]


def run_commands(commands: list[str], directory: Path) -> None:
    """Run commands of pages one after the other, in smaller."""
    for command in commands:
        for before, after in SMALLER.items():
            command = command.replace(before, after)
        done = run_here(*shlex.split(command)[1:], cwd=directory)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_commands_of_the_pages_run_in_their_order(tmp_path: Path) -> None:
    commands = [
        "./run demo acme --leads 120 --reps 6 --tables-only",
        *commands_of("README.md"),
        *commands_of("docs/explain.md"),
    ]
    assert len(commands) == 17
    run_commands(commands, tmp_path)


@pytest.mark.hard
def test_commands_of_many_plans_run_in_their_order(tmp_path: Path) -> None:
    """Each of these commands has a test of its own in the suite; this takes a minute or two."""
    scenarios = {"two-leave": "rep_leaves: {reps: [R1, R2]}", "west": "more_leads: {by: 10%}"}
    for name, change in scenarios.items():
        text = f"name: {name}\nchanges:\n  - {change}\n  - capacity: {{by: 105%}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    rules = "- {metric: moves, at_most: 500}\n- {metric: gap, at_most: 99%}\n"
    (tmp_path / "accept.yaml").write_text(rules, encoding="utf-8")
    before = [
        "./run demo acme --leads 40 --reps 4 --tables-only",
        "./run plan acme --time-limit 3",
        "./run plan acme --time-limit 3 --out acme/last-week",
        "./run evaluate acme acme/leads.csv --out acme/owners",
    ]
    pages = ("what-if", "compare", "frontier", "robustness", "acceptance", "report")
    commands = [command for page in pages for command in commands_of(f"docs/{page}.md")]
    assert len(commands) == 13
    run_commands(before + commands, tmp_path)
    made = ("acme-moves/frontier.svg", "acme-both/frontier.csv", "acme-robustness/summary.csv")
    for file in (*made, "acme-what-if/scenarios.csv", "acme-beside.html"):
        assert (tmp_path / file).exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert not target.startswith("http"), target
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_adding_a_rule_takes_less_than_a_page() -> None:
    assert len((ROOT / "docs" / "adding-a-rule.md").read_text("utf-8").splitlines()) <= 60
