"""Engines by name, and what `auto` takes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given

from models.errors import EngineError
from planner.engines import registry
from planner.engines.exact import Exact
from planner.engines.flow import Flow
from planner.engines.registry import AUTO, ENGINES, choose_engine, engine_path
from tests.problems import flow_problem, hard_problem, problems

if TYPE_CHECKING:
    from models.problem import Problem


def test_names() -> None:
    assert list(ENGINES) == ["flow", "exact", "prices", "greedy", "round_robin"]
    assert AUTO not in ENGINES
    assert all(name == engine.name for name, engine in ENGINES.items())


@given(problems())
def test_auto_takes_flow_where_it_can_and_exact_elsewhere(problem: Problem) -> None:
    expected = Flow if Flow().unsupported(problem) is None else Exact
    assert type(choose_engine(AUTO, problem)) is expected


def test_auto_takes_both() -> None:
    rng = np.random.default_rng(0)
    assert choose_engine(AUTO, flow_problem(rng, 5, 2)).name == "flow"
    assert choose_engine(AUTO, hard_problem(rng, 5, 2)).name == "exact"


def test_auto_takes_prices_above_what_the_others_solve(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    monkeypatch.setattr(registry, "MOST_PAIRS", {"flow": 10, "exact": 10})
    assert choose_engine(AUTO, flow_problem(rng, 50, 2)).name == "prices"
    assert choose_engine(AUTO, hard_problem(rng, 50, 2)).name == "prices"


@pytest.mark.parametrize("name", ENGINES)
def test_engine_of_a_name_and_its_path(name: str) -> None:
    engine = choose_engine(name, flow_problem(np.random.default_rng(0), 5, 2))
    assert engine.name == name
    module, _, kind = engine_path(engine).partition(":")
    assert getattr(importlib.import_module(module), kind) is ENGINES[name]


def test_unknown_name() -> None:
    problem = flow_problem(np.random.default_rng(0), 5, 2)
    with pytest.raises(EngineError) as error:
        choose_engine("fast", problem)
    assert str(error.value) == (
        "no engine is called 'fast'; there are auto, flow, exact, prices, greedy, round_robin"
    )


def test_engine_that_cannot_take_the_problem() -> None:
    problem = hard_problem(np.random.default_rng(0), 5, 2)
    with pytest.raises(EngineError) as error:
        choose_engine("flow", problem)
    assert str(error.value) == (
        "engine flow cannot take this problem: flow takes amounts of 1 only; hours has others"
    )
