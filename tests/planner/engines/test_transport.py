"""Problems arrive in the child as they were in the parent."""

from __future__ import annotations

import tempfile
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given

from models.outcome import Limits
from models.problem import Layer, Problem, Resource
from planner.engines.transport import Job, read_job, read_problem, write_job, write_problem
from tests.problems import hard_problem, problems

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


def test_job_survives_the_file(tmp_path: Path) -> None:
    for limits in (Limits(), Limits(seconds=None, iterations=7), Limits(seconds=np.inf)):
        job = Job("module:Class", limits, has_start=True)
        write_job(tmp_path, job)
        assert read_job(tmp_path) == job
