"""A method's process: its answer, its faults, and that nothing of it is left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from scenarios.bench.apart import NoAnswer, run_apart
from tests.conftest import ROOT
from tests.scenarios.bench import workers
from tests.watchers import Notebook

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60.0
"""Seconds after which what should have happened long ago has failed."""
ORPHAN = """
import sys
from scenarios.bench.apart import run_apart
from tests.scenarios.bench.workers import sleeps
from tests.watchers import Notebook

if __name__ == "__main__":
    run_apart(sleeps, (sys.argv[1],), 600.0, Notebook())
"""


def is_gone(pid_file: Path) -> bool:
    """Whether the process that wrote its number has ended."""
    pid = int(pid_file.read_text("utf-8"))
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_an_answer_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    claim = run_apart(workers.answers, ("fine",), 60.0, Notebook())
    assert (claim.reason, claim.seconds) == ("fine", 0.5)
    assert "noise" not in capfd.readouterr().out


def test_who_overruns_is_ended(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match="it was ended at its limit"):
        run_apart(workers.sleeps, (str(tmp_path / "pid"),), 0.1, Notebook(), grace=0.2)
    assert is_gone(tmp_path / "pid")


def test_who_is_stopped_is_ended(tmp_path: Path) -> None:
    class UntilItSleeps(Notebook):
        def should_stop(self) -> bool:
            return (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text("utf-8"))

    with pytest.raises(NoAnswer, match="it was stopped"):
        run_apart(workers.sleeps, (str(tmp_path / "pid"),), 600.0, UntilItSleeps())
    assert is_gone(tmp_path / "pid")


@pytest.mark.parametrize(
    ("method", "argument", "told"),
    [
        (workers.raises, "no such thing", r"^ValueError: no such thing$"),
        (workers.dies, int(signal.SIGKILL), r"^it crashed \(killed\)$"),
        (workers.leaves, 3, r"^it ended with exit code 3$"),
    ],
)
def test_a_fault_is_told(method: workers.Method, argument: object, told: str) -> None:
    with pytest.raises(NoAnswer, match=told):
        run_apart(method, (argument,), 60.0, Notebook())


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    script, pid_file = tmp_path / "orphan.py", tmp_path / "pid"
    script.write_text(ORPHAN, encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, str(script), str(pid_file)], env={"PYTHONPATH": str(ROOT)}
    )
    end = time.monotonic() + PATIENCE
    while not (pid_file.exists() and pid_file.read_text("utf-8")) and time.monotonic() < end:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    while not is_gone(pid_file) and time.monotonic() < end:
        time.sleep(0.05)
    assert is_gone(pid_file)
