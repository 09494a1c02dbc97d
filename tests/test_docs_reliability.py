"""The table of the thirty tests names tests that exist, and says of each whether it is hard."""

from __future__ import annotations

import ast
import re

from tests.conftest import ROOT

ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`( \(hard\))?")
TEXT = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def is_hard(file: str, name: str) -> bool:
    """Return whether some counts of a test are only for `./run hard-tests`."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    assert found, f"{file} has no {name}"
    of_module = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    marks = [*found[0].decorator_list, *of_module]
    return any("mark.hard" in ast.unparse(mark) for mark in marks)


def test_each_of_the_thirty_is_told_once() -> None:
    assert [int(number) for number, _ in ROW.findall(TEXT)] == list(range(1, 31))


def test_each_test_exists_and_is_hard_where_it_says_so() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 50
    for file, name, hard in named:
        assert (ROOT / file).is_file(), file
        if name:
            assert is_hard(file, name) == bool(hard), f"{file}::{name}"


def test_a_row_without_a_test_says_what_is_missing() -> None:
    for number, row in ROW.findall(TEXT):
        if not NAMED.search(row):
            assert row.endswith("| the whole test"), number
