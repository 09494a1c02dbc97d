"""`fairlead bench table` measures, is stopped, goes on where it was, and writes the same page."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from scenarios.bench.cells import Cell, Conditions
from scenarios.bench.methods import OURS
from scenarios.bench.programme import programme
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

OPTIONS = ("--size", "small", "--time-limit", "2")
PATIENCE = 120.0
"""Seconds within which the first cell is there, kernels compiled on the way."""


def stopped_after_one_cell(out: Path) -> subprocess.CompletedProcess[str]:
    """Begin a table, press Ctrl-C after its first cell, and return how it ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "bench", "table", *OPTIONS, "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
    )
    cells, end = out.with_suffix(".jsonl"), time.monotonic() + PATIENCE
    while time.monotonic() < end and not (cells.exists() and len(lines(cells)) > 1):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, *told)


def lines(cells: Path) -> list[str]:
    return cells.read_text("utf-8").splitlines()


def pretend(cells: Path, kinds: str) -> None:
    """Add made-up cells for the missing ones of some kinds, which would take long to measure."""
    conditions = Conditions(**json.loads(lines(cells)[0]))
    measured = {(cell["instance"], cell["method"]) for cell in map(json.loads, lines(cells)[1:])}
    with cells.open("a", encoding="utf-8") as file:
        for instance in programme(conditions):
            for method in instance.methods:
                if instance.kind in kinds and (instance.name, method.name) not in measured:
                    cell = Cell(instance.name, method.name, 250, reason="made up")
                    file.write(json.dumps(asdict(cell)) + "\n")


@pytest.mark.hard
def test_a_table_that_was_stopped_goes_on(fairlead: Command, tmp_path: Path) -> None:
    out, cells = tmp_path / "docs" / "page.md", tmp_path / "docs" / "page.jsonl"
    stopped = stopped_after_one_cell(out)
    assert stopped.returncode == 3, stopped.stderr
    assert f"Stopping; go on by --resume {cells}" in stopped.stderr
    assert not out.exists()
    refused = fairlead("bench", "table", *OPTIONS, "--out", out)
    assert refused.returncode == 2
    assert f"{cells} exists; go on with it by --resume {cells}" in refused.stderr

    pretend(cells, "CD")
    before = cells.read_text("utf-8")
    done = fairlead("bench", "table", *OPTIONS, "--out", out, "--resume", cells)
    assert done.returncode == 0, done.stderr
    assert f"Wrote {out}" in done.stderr
    assert "of 26: E 5x50, Fairlead" in done.stderr
    assert "D 5x50" not in done.stderr
    after = cells.read_text("utf-8")
    assert after.startswith(before)
    check_cells(cells)
    page = out.read_text("utf-8")
    assert "### Type E" in page
    assert "## A company of 2,000 leads x 40 reps" in page
    assert "The fastest linear solver, " in page

    out.unlink()
    again = fairlead("bench", "table", *OPTIONS, "--out", out, "--resume", cells)
    assert again.returncode == 0, again.stderr
    assert " of 26" not in again.stderr
    assert out.read_text("utf-8") == page
    assert cells.read_text("utf-8") == after


def check_cells(path: Path) -> None:
    """Hold every cell that was measured against what its instance allows."""
    first, *rest = map(json.loads, lines(path))
    conditions = Conditions(**first)
    assert (conditions.size, conditions.seconds, conditions.lp_seconds) == ("small", 2.0, 20.0)
    cells = {(cell["instance"], cell["method"]): cell for cell in rest}
    assert len(cells) == len(rest) == 26
    for instance in programme(conditions):
        if instance.kind in "CD":
            continue
        ours = cells[instance.name, OURS.name]
        assert ours["objective"] is not None
        for method in instance.methods:
            cell = cells[instance.name, method.name]
            assert cell["seconds"] is not None, cell
            if cell["objective"] is not None:
                assert cell["objective"] <= ours["bound"] + 0.01
            if cell["bound"] is not None:
                assert ours["objective"] <= cell["bound"] + 0.01


def test_nothing_to_resume_is_refused(fairlead: Command, tmp_path: Path) -> None:
    told = fairlead("bench", "table", "--resume", tmp_path / "no.jsonl")
    assert told.returncode == 2
    assert "no.jsonl does not exist; leave --resume away to begin" in told.stderr


def test_an_unknown_size_is_refused(fairlead: Command) -> None:
    told = fairlead("bench", "table", "--size", "huge")
    assert told.returncode == 2
    assert "small" in told.stderr


def test_help_says_how_long_it_takes(fairlead: Command) -> None:
    told = fairlead("bench", "table", "--help")
    assert told.returncode == 0
    assert "takes an hour and a half" in told.stdout
