"""Generalized assignment problems: read, written, generated and solved to known optima."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.errors import UsageError
from models.outcome import Limits
from scenarios.bench.gap import Kind, generate_gap, read_gap, solve_gap, write_gap
from tests.watchers import Notebook

if TYPE_CHECKING:
    from pathlib import Path

LIMITS = Limits(seconds=4.0, gap=0.0)
SMALL = ("gap1-0", "gap3-1", "gap12-2", "c05100", "e05100")


@pytest.fixture(scope="module")
def best_known(shared_data: Path) -> dict[str, float]:
    """Return the published optimum of each instance."""
    lines = (shared_data / "gap" / "best_known.csv").read_text("utf-8").splitlines()[1:]
    return {line.split(",")[0]: float(line.split(",")[5]) for line in lines}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("engine", ["exact", "prices"])
def test_known_instances(
    shared_data: Path, best_known: dict[str, float], name: str, engine: str
) -> None:
    found = solve_gap(shared_data / "gap" / name, engine, LIMITS, Notebook())
    assert found.objective is not None
    assert found.bound <= best_known[name] + 0.01
    assert best_known[name] - 0.01 <= found.objective <= 1.01 * best_known[name]


@pytest.mark.parametrize("kind", ["C", "D", "E"])
def test_generated_instances_have_the_published_ranges(kind: Kind) -> None:
    made = generate_gap(kind, 5, 2_000)
    ranges = {"C": (5, 25, 10, 50), "D": (1, 100, 1, 120), "E": (1, 200, -10, 1000)}
    least_use, most_use, least_cost, most_cost = ranges[kind]
    assert made.use.min() >= least_use
    assert made.use.max() <= most_use
    assert made.cost.min() >= least_cost
    assert made.cost.max() <= most_cost
    np.testing.assert_array_equal(made.capacity, np.floor(0.8 * made.use.sum(axis=1) / 5))
    np.testing.assert_array_equal(made.use, generate_gap(kind, 5, 2_000).use)


def test_written_and_read_again(tmp_path: Path) -> None:
    made = generate_gap("D", 4, 30, seed=3)
    write_gap(made, tmp_path / "d")
    read = read_gap(tmp_path / "d")
    for name in ("cost", "use", "capacity"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must begin with the numbers of agents and of jobs"),
        ("2 x", "cannot be read as numbers"),
        ("1.5 2 3", "must begin with the numbers of agents and of jobs"),
        ("1 2 3 4 5", "has 5 numbers; 1 agents and 2 jobs take 7, all of them finite"),
        ("1 1 nan 4 5", "all of them finite"),
    ],
)
def test_what_is_no_instance_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "x").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=fault):
        read_gap(tmp_path / "x")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_gap(tmp_path / "nothing")
