"""The list of rules: each has its file, its name, its sentence and its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import planner.rules
from planner.rules import RULES, rules_of
from planner.rules.rule import Rule, Section

NOT_RULES = {"__init__", "rule"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_has_a_file_and_a_test_file_of_its_name(rule: type[Rule]) -> None:
    # A must and a preference of one name share both.
    assert rule.__module__ == f"planner.rules.{rule.name}"
    test_file = Path(__file__).with_name(f"test_{rule.name}.py")
    text = test_file.read_text("utf-8")
    assert text.startswith(f'"""`{rule.name}`') or f".{rule.name}`" in text.splitlines()[0]
    assert "def test_sentence" in text
    assert "@given(" in text


def test_every_file_is_in_the_list() -> None:
    folder = Path(str(planner.rules.__file__)).parent
    files = {path.stem for path in folder.glob("*.py")} - NOT_RULES
    assert files == {rule.name for rule in RULES}


def test_a_name_is_one_rule_in_its_section() -> None:
    for section in Section:
        named = [rule.name for rule in RULES if rule.section is section]
        assert list(rules_of(section)) == named


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_reads_the_tables_plainly(rule: type[Rule]) -> None:
    plain = {
        Section.PREFER: "plain_factor",
        Section.AMOUNT: "plain_amounts",
        Section.WIN_PROBABILITY: "plain_chances",
        Section.SWITCHING_COST: "plain_cost_share",
    }
    method = plain.get(rule.section, "violations")
    assert getattr(rule, method) is not getattr(Rule, method, None)
