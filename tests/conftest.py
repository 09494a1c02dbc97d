"""Fixtures and settings that every test shares."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from planner.engines.child import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.outcome import Limits, Outcome
    from models.problem import Problem
    from planner.engines.engine import Start, Watcher

ROOT = Path(__file__).parents[1]

# The same cases on every machine: a red build must mean a change, not luck. New cases are searched
# for by the hard tests (`--hypothesis-profile=hard`).
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "hard",
    deadline=None,
    derandomize=False,
    max_examples=2_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci")


@pytest.fixture(autouse=True, scope="session")
def engines_in_place() -> Iterator[None]:
    """Let engines solve in the test's own process: a child takes two seconds to start.

    What commands run, and tests of isolation itself, have child processes all the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.engines.isolation.run_isolated", run_here)
        yield


def run_here(
    engine: str, problem: Problem, limits: Limits, start: Start | None = None, *, watcher: Watcher
) -> Outcome:
    """Return what `run_isolated` does, of an engine that does nothing wrong."""
    return load(engine).solve(problem, limits, start, watcher)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of public data sets that may stand beside the repository."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("no folder shared/data stands beside the repository")
    return path
