"""The command line, and a small company to start it on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.command_line import run_here

if TYPE_CHECKING:
    from pathlib import Path

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def fairlead() -> Command:
    """Return a function that runs `fairlead ARGS` in this process."""
    return run_here


@pytest.fixture(scope="session")
def demo(fairlead: Command, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a company of 150 leads and 8 reps, with its plan; tests only read it."""
    directory = tmp_path_factory.mktemp("demo") / "acme"
    made = fairlead("demo", directory, "--leads", 150, "--reps", 8)
    assert made.returncode == 0, made.stderr
    assert "Proven" in made.stdout
    return directory
