"""Problems arrive in the child as they were in the parent."""

from __future__ import annotations

import io
import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from models.conflict import Conflict, Proof
from models.outcome import Limits, Multipliers
from models.problem import Problem
from models.resource import Layer, Resource
from planner.bound import prove
from planner.engines.engine import Start
from planner.engines.messages import EngineFault
from planner.engines.transport import (
    Job,
    joined_conflict,
    joined_multipliers,
    joined_prices,
    read_chosen,
    read_conflict,
    read_job,
    read_multipliers,
    read_prices,
    read_problem,
    read_start,
    write_array,
    write_job,
    write_problem,
    write_start,
)
from tests.problems import hard_problem, problems, random_problem

if TYPE_CHECKING:
    from typing import Any


def assert_same(got: Any, expected: Any) -> None:
    """Assert that two values are equal, arrays by their types and numbers."""
    if isinstance(expected, Problem | Resource | Layer):
        for field in fields(expected):
            assert_same(getattr(got, field.name), getattr(expected, field.name))
    elif isinstance(expected, tuple):
        assert len(got) == len(expected)
        for pair in zip(got, expected, strict=True):
            assert_same(*pair)
    elif isinstance(expected, np.ndarray):
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected)
    else:
        assert got == expected


@given(problems())
def test_problems_survive_the_files(problem: Problem) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_problem(Path(name), problem)
        assert_same(read_problem(Path(name)), problem)


def test_large_problem_survives_the_files(tmp_path: Path) -> None:
    problem = hard_problem(np.random.default_rng(0), 20_000, 10)
    write_problem(tmp_path, problem)
    got = read_problem(tmp_path)
    assert_same(got, problem)


def damaged(kind: str) -> bytes:
    """Return a file that is no vector of eight pairs, though it may hold one."""
    file = io.BytesIO()
    version = (2, 0) if kind == "another version" else (1, 0)
    np.lib.format.write_array(file, np.arange(8), version=version)
    match kind:
        case "empty":
            return b""
        case "cut in its header":
            return file.getvalue()[:20]
        case "no header":
            return file.getvalue()[:10] + b"x" * 200
        case _:
            return file.getvalue()


@pytest.mark.parametrize("kind", ["empty", "cut in its header", "no header", "another version"])
def test_damaged_array_is_refused(kind: str, tmp_path: Path) -> None:
    problem = hard_problem(np.random.default_rng(0), 8, 2)
    (tmp_path / "chosen.npy").write_bytes(damaged("sound"))
    assert read_chosen(tmp_path, "chosen", problem).tolist() == list(range(8))
    (tmp_path / "chosen.npy").write_bytes(damaged(kind))
    with pytest.raises(EngineFault, match="sent no array 'chosen' of 8 int64 numbers"):
        read_chosen(tmp_path, "chosen", problem)


@given(problems())
def test_prices_and_multipliers_survive_the_files(problem: Problem) -> None:
    rng = np.random.default_rng(0)
    prices = prove(problem, [rng.normal(0, 5, item.num_groups) for item in problem.resources])
    by_row = rng.normal(0, 5, problem.num_rows)
    with tempfile.TemporaryDirectory() as name:
        write_array(Path(name), "prices", joined_prices(prices))
        assert_same(read_prices(Path(name), "prices", problem), prices.by_resource)
        for resource in range(len(problem.resources)):
            sent = Multipliers(resource, by_row, prices, bound=0.0)
            write_array(Path(name), "multipliers", joined_multipliers(sent))
            got = read_multipliers(Path(name), "multipliers", problem)
            assert_same(got, (resource, by_row, prices.by_resource))


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        (0, 1.0, "multipliers of resource 1; there are 1"),
        (0, 0.5, r"multipliers of resource 0\.5; there are 1"),
        (0, -1.0, "multipliers of resource -1; there are 1"),
        (3, np.nan, "multipliers that are not finite numbers"),
        (10, np.inf, "multipliers that are not finite numbers"),
    ],
)
def test_false_multipliers_are_refused(
    tmp_path: Path, place: int, value: float, fault: str
) -> None:
    problem = hard_problem(np.random.default_rng(0), 8, 2)
    values = np.zeros(1 + 8 + 2)
    write_array(tmp_path, "multipliers", values)
    assert read_multipliers(tmp_path, "multipliers", problem)[0] == 0
    values[place] = value
    write_array(tmp_path, "multipliers", values)
    with pytest.raises(EngineFault, match=fault):
        read_multipliers(tmp_path, "multipliers", problem)
    write_array(tmp_path, "multipliers", values[1:])
    with pytest.raises(EngineFault, match="sent no array 'multipliers' of 11 float64 numbers"):
        read_multipliers(tmp_path, "multipliers", problem)


def test_job_survives_the_file(tmp_path: Path) -> None:
    for limits in (Limits(), Limits(seconds=None, iterations=7), Limits(seconds=1e9)):
        job = Job("module:Class", limits, has_start=True)
        write_job(tmp_path, job)
        assert read_job(tmp_path) == job


def test_start_survives_the_file(tmp_path: Path) -> None:
    problem = random_problem(np.random.default_rng(0), 8, 3, num_resources=2)
    chosen = problem.indptr[1:] - 1
    write_start(tmp_path, Start(chosen))
    start = read_start(tmp_path, problem)
    np.testing.assert_array_equal(start.chosen, chosen)
    assert start.prices is None
    prices = tuple(np.arange(float(each.num_groups)) for each in problem.resources)
    write_start(tmp_path, Start(chosen, prices))
    again = read_start(tmp_path, problem).prices
    assert again is not None
    for got, sent in zip(again, prices, strict=True):
        np.testing.assert_array_equal(got, sent)


def test_conflicts_survive_the_files(tmp_path: Path) -> None:
    problem = replace(hard_problem(np.random.default_rng(0), 8, 2), resources=())
    way = problem.indptr[:-1]
    sent = Conflict((), Proof.ONCE, minimal=True, ways=(way, way + 1), cheapest=False)
    write_array(tmp_path, "conflict", joined_conflict(sent, problem))
    got = read_conflict(tmp_path, "conflict", problem)
    assert (got.sides, got.proof, got.minimal, got.cheapest) == ((), Proof.ONCE, True, False)
    assert_same(got.ways, sent.ways)


@pytest.mark.parametrize(("place", "value"), [(0, 3), (0, -1), (3, 4), (5, 999), (5, -1)])
def test_false_conflicts_are_refused(tmp_path: Path, place: int, value: int) -> None:
    problem = hard_problem(np.random.default_rng(0), 8, 2)
    room = replace(problem.resources[0], upper=np.full(2, np.inf))
    problem = replace(problem, resources=(room,))
    sent = Conflict((np.array([0, 2]),), Proof.CONFIRMED, True, (problem.indptr[:-1],), True)
    values = joined_conflict(sent, problem)
    write_array(tmp_path, "conflict", values)
    assert read_conflict(tmp_path, "conflict", problem).sides[0].tolist() == [0, 2]
    values[place] = value
    write_array(tmp_path, "conflict", values)
    with pytest.raises(EngineFault, match="a conflict that cannot be one"):
        read_conflict(tmp_path, "conflict", problem)
