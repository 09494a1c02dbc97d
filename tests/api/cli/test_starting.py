"""The command line as a user starts it: in a process of its own, with child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from models.files.plan_files import read_plan
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def started(*args: object) -> subprocess.CompletedProcess[str]:
    """Return how `fairlead ARGS` ends in a process of its own."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=240,
    )


def test_a_plan_is_written_and_told(demo: Path, tmp_path: Path) -> None:
    limits = ("--time-limit", 5, "--gap", 0.01)
    told = started("plan", demo, "--out", tmp_path / "plan", *limits)
    assert told.returncode == 0, told.stderr
    assert "solving the linear relaxation" in told.stderr
    assert "Proven" in told.stdout
    record = read_plan(tmp_path / "plan").record
    assert record.feasible
    best = read_plan(demo / "plan").record
    assert best.bound is not None
    assert record.objective is not None
    assert record.objective <= best.bound + 0.01


def test_a_wrong_call_ends_in_a_sentence(tmp_path: Path) -> None:
    told = started("plan", tmp_path)
    assert (told.returncode, told.stdout) == (2, "")
    assert "policy.yaml" in told.stderr
    assert "Traceback" not in told.stderr
