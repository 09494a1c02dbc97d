"""`fairlead bench` prints what it measured, in one line of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

FIGURES = {
    "leads", "reps", "pairs", "objective", "bound", "gap", "compile_seconds", "solve_seconds",
    "pass_seconds", "copy_seconds", "peak_mb",
}  # fmt: skip


@pytest.mark.parametrize("rules", ["plain", "team"])
def test_scale(fairlead: Command, rules: str) -> None:
    size = ("--leads", 600, "--reps", 12, "--time-limit", 20, "--gap", 0.01)
    told = fairlead("bench", "scale", *size, "--rules", rules)
    assert told.returncode == 0, told.stderr
    figures = json.loads(told.stdout)
    assert set(figures) == FIGURES
    assert (figures["leads"], figures["reps"]) == (600, 12)
    assert figures["objective"] <= figures["bound"]
    assert 0 <= figures["gap"] <= 0.05
    assert figures["pairs"] > 600


def test_unknown_rules_are_refused(fairlead: Command) -> None:
    told = fairlead("bench", "scale", "--rules", "fast")
    assert told.returncode == 2
    assert "plain" in told.stderr


def test_gap(fairlead: Command, tmp_path: Path) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for number, file in enumerate(files):
        made = fairlead("bench", "gap-generate", "D", 3, 20, "--out", file, "--seed", number)
        assert made.returncode == 0, made.stderr
    told = fairlead("bench", "gap", *files, "--time-limit", 10)
    assert told.returncode == 0, told.stderr
    lines = [json.loads(line) for line in told.stdout.splitlines()]
    assert [line["instance"] for line in lines] == ["one", "two"]
    assert all(line["bound"] <= line["objective"] + 0.01 for line in lines)
    assert set(lines[0]) == {"instance", "objective", "bound", "seconds"}
    (tmp_path / "no").write_text("1 2 3", encoding="utf-8")
    refused = fairlead("bench", "gap", tmp_path / "no")
    assert refused.returncode == 2
    assert "has 3 numbers" in refused.stderr
