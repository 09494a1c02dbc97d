"""The command line as a user starts it, and a small company to start it on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def fairlead() -> Command:
    """Return a function that runs `fairlead ARGS` in a process of its own."""

    def run(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "api.cli", *map(str, args)],
            capture_output=True,
            text=True,
            check=False,
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
            timeout=240,
        )

    return run


@pytest.fixture(scope="session")
def demo(fairlead: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a company of 150 leads and 8 reps, with its plan; tests only read it."""
    directory = tmp_path_factory.mktemp("demo") / "acme"
    made = fairlead("demo", directory, "--leads", 150, "--reps", 8)
    assert made.returncode == 0, made.stderr
    assert "Proven" in made.stdout
    return directory
