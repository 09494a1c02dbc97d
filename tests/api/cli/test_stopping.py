"""A run that is told to stop keeps its best plan and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from models.files.plan_files import read_plan
from models.outcome import StopReason
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_the_best_plan_so_far_is_written(
    fairlead: Command, tmp_path: Path, word: signal.Signals
) -> None:
    company = tmp_path / "acme"
    fairlead("demo", company, "--leads", 2_000, "--reps", 40, "--tables-only")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    limits = ["--gap", "0", "--time-limit", "600", "--engine", "exact"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "api.cli", "plan", str(company), *limits],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)},
    ) as process:
        assert process.stderr is not None
        # Compiling the policy, then the first word of the engine.
        assert "compiling" in process.stderr.readline()
        assert "solving" in process.stderr.readline()
        assert "relaxation" in process.stderr.readline()
        process.send_signal(word)
        told = process.stderr.read()
    assert process.returncode == 0, told
    assert "Stopping; the best plan so far is kept" in told
    assert read_plan(company / "plan").record.reason is StopReason.CANCELLED
    assert not list(temporary.iterdir())
