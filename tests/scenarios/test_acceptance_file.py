"""Files of acceptance rules: what they become, and every fault with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.errors import AcceptanceError
from scenarios.acceptance import Against, Allowed, Feasible, Side
from scenarios.acceptance_file import read_rules, rules_from_text

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
- {metric: feasible, is: false}
- {metric: gap, at_most: 0.5%}
- {metric: coverage, at_least: 2%, above: base}
- {metric: moves, at_most: 40}
- {metric: value_gini, at_most: 0.3}
- {metric: expected_value, at_least: 98%, of: base}
- {metric: expected_value, at_most: 20000, below: base, currency: EUR}
- {metric: objective, at_least: -5.5, currency: USD}
"""


def test_rules_are_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "accept.yaml").write_text(TEXT, encoding="utf-8")
    assert read_rules(tmp_path / "accept.yaml") == (
        Feasible(False),
        Allowed("gap", Side.AT_MOST, 0.005),
        Allowed("coverage", Side.AT_LEAST, 0.02, Against.ABOVE),
        Allowed("moves", Side.AT_MOST, 40.0),
        Allowed("value_gini", Side.AT_MOST, 0.3),
        Allowed("expected_value", Side.AT_LEAST, 0.98, Against.OF),
        Allowed("expected_value", Side.AT_MOST, 20_000.0, Against.BELOW, "EUR"),
        Allowed("objective", Side.AT_LEAST, -5.5, currency="USD"),
    )


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("{metric: gapp, at_most: 5%}", "unknown metric 'gapp'; the nearest is 'gap'; known are f"),
        ("{metric: moves, atmost: 3}", "unknown key 'atmost'; the nearest is 'at_most'"),
        ("{at_most: 3}", "the key 'metric' is missing"),
        ("moves", "got 'moves'; must be `name: value` pairs"),
        ("{metric: feasible, is: yes}", "is: got 'yes'; must be true or false"),
        ("{metric: feasible}", "feasible: is written as `is: true`, and has no other key"),
        ("{metric: feasible, is: true, at_most: 1}", "and has no other key"),
        ("{metric: moves, is: true, at_most: 1}", "moves: `is` belongs to feasible"),
        ("{metric: moves}", "moves: needs either `at_most` or `at_least`"),
        ("{metric: moves, at_most: 4, at_least: 1}", "needs either `at_most` or `at_least`"),
        ("{metric: moves, at_most: 4, of: base, below: base}", "has `of` and `below`; keep one"),
        ("{metric: moves, at_most: 4, above: bas}", "above: got 'bas'; must be 'base'"),
        ("{metric: moves, at_most: 40%}", "at_most: got '40%'; must be a number, at least 0"),
        ("{metric: moves, at_most: true}", "at_most: got True; must be a number"),
        ("{metric: moves, at_most: -1}", "at_most: got -1; must be a number, at least 0"),
        ("{metric: moves, at_most: 0.9, of: base}", "at_most: got 0.9; must be a share"),
        ("{metric: gap, at_most: 0.005}", "at_most: got 0.005; must be a share, with a percent"),
        ("{metric: gap, at_most: -1%}", "at_most: got '-1%'; must be a share"),
        ("{metric: bound, at_most: 5}", "bound: is an amount of money, and needs its `currency`"),
        ("{metric: bound, at_most: -5, below: base, currency: USD}", "at_most: got -5; must be"),
        ("{metric: bound, at_most: 5, currency: Dollar}", "currency: got 'Dollar'; must be three"),
        ("{metric: moves, at_most: 5, currency: USD}", "is no amount of money, and has no `curr"),
        ("{metric: bound, at_most: 5%, of: base, currency: USD}", "is no amount of money"),
    ],
)
def test_every_fault_has_its_line(rule: str, fault: str) -> None:
    with pytest.raises(AcceptanceError) as raised:
        rules_from_text(f"- {{metric: moves, at_most: 1}}\n- {rule}\n- {rule}\n")
    lines = [line for line in raised.value.faults if fault in line]
    assert [line.split(":")[0] for line in lines] == ["line 2", "line 3"]


@pytest.mark.parametrize("text", ["", "[]", "metric: moves", "3", "- ["])
def test_a_file_without_rules_accepts_nothing(text: str) -> None:
    with pytest.raises(AcceptanceError):
        rules_from_text(text)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AcceptanceError, match=r"none\.yaml"):
        read_rules(tmp_path / "none.yaml")
