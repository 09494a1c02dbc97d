"""What methods say is verified, and what is measured is not measured again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.outcome import Limits
from planner.bound import prove
from planner.engines.whole_model.claim import Claim
from planner.engines.whole_model.rivals import RIVALS
from scenarios.bench import contest
from scenarios.bench.apart import NoAnswer
from scenarios.bench.cells import Cell, CellFile
from scenarios.bench.contest import judge, measure
from scenarios.bench.gap import generate_gap
from scenarios.bench.methods import GLOP, GREEDY, METHODS
from scenarios.bench.programme import COMPANY, Instance, programme
from tests.oracles import relaxed_objective
from tests.scenarios.bench.fakes import CONDITIONS
from tests.watchers import Notebook

if TYPE_CHECKING:
    from pathlib import Path

PROBLEM = generate_gap("D", 3, 12).problem()
CHEAPEST = np.arange(12) * 3
"""Every job with the first agent, who has no room for all of them."""
FULL = {(20, 400), (40, 400), (30, 900), (60, 900), (20, 1600), (80, 1600)}


def instance() -> Instance:
    """Return a tiny instance for one linear solver and greedy."""
    return Instance("D 3x12", "D", lambda: PROBLEM, (GLOP, GREEDY), Limits(seconds=30.0, gap=0.0))


def test_every_method_is_an_engine_or_a_rival() -> None:
    rivals = {name for name, method in METHODS.items() if not method.engine}
    assert rivals == set(RIVALS)
    assert all(METHODS[name].makes_plans == rival.integer for name, rival in RIVALS.items())


def test_the_full_programme() -> None:
    *gap, company = programme(CONDITIONS)
    names = {f"{kind} {agents}x{jobs}" for kind in "CDE" for agents, jobs in FULL}
    assert {each.name for each in gap} == names
    assert {(each.limits.seconds, each.limits.gap, each.limits.threads) for each in gap} == {
        (60.0, 0.0, 2)
    }
    assert {method.name for each in gap for method in each.methods} == {
        "fairlead", "cp_sat", "highs", "scip", "glop", "pdlp", "greedy"
    }  # fmt: skip
    assert (company.name, company.kind) == ("100,000 leads x 400 reps", COMPANY)
    assert (company.limits.seconds, company.limits.gap) == (400.0, 2e-4)
    assert gap[0].make().num_pairs == 8_000


def test_an_assignment_that_breaks_a_limit_is_none() -> None:
    cell = judge("x", "highs", PROBLEM, Claim("optimal", chosen=CHEAPEST, seconds=1.23456))
    assert cell == Cell(
        "x", "highs", 36, None, None, None, 1.235, "optimal, its plan breaks a limit"
    )
    short = judge("x", "highs", PROBLEM, Claim("optimal", chosen=CHEAPEST[:5]))
    assert short.objective is None


def test_objective_and_bound_are_computed_anew() -> None:
    free = replace(PROBLEM, resources=())
    claim = Claim("feasible", chosen=CHEAPEST, bound=-1.0)
    cell = judge("x", "highs", free, claim)
    cost = -float(PROBLEM.score[CHEAPEST].sum())
    assert (cell.objective, cell.assigned, cell.bound) == (-cost, cost, -1.0)
    prices = (np.full(3, 0.5),)
    proved = prove(PROBLEM, prices).bound
    for bound, expected in ((np.inf, proved), (proved - 1, proved - 1), (proved + 1, proved)):
        told = judge("x", "glop", PROBLEM, Claim("optimal", prices=prices, bound=bound))
        assert told.bound == expected
    assert judge("x", "glop", PROBLEM, Claim("failed")).bound is None
    assert judge("x", "glop", PROBLEM, Claim("failed", bound=np.nan)).bound is None


def test_what_is_measured_is_not_measured_again(tmp_path: Path) -> None:
    path, watcher = tmp_path / "cells.jsonl", Notebook()
    assert measure([instance()], CellFile(path, CONDITIONS), watcher)
    assert watcher.messages == ["1 of 2: D 3x12, GLOP", "2 of 2: D 3x12, Greedy"]
    file, again = CellFile(path, CONDITIONS), Notebook()
    assert [cell.method for cell in file.cells] == ["glop", "greedy"]
    assert file.cells[0].bound == pytest.approx(relaxed_objective(PROBLEM))
    assert file.cells[1].bound is None
    before = path.read_bytes()
    assert measure([instance()], file, again)
    assert again.messages == []
    assert path.read_bytes() == before


def test_a_method_without_an_answer_is_a_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Claim:
        raise NoAnswer("it crashed (aborted)")

    monkeypatch.setattr(contest, "run_apart", fail)
    file = CellFile(tmp_path / "cells.jsonl", CONDITIONS)
    assert measure([instance()], file, Notebook())
    assert file.cells == [
        Cell("D 3x12", method, 36, reason="it crashed (aborted)") for method in ("glop", "greedy")
    ]


def test_a_stopped_run_keeps_no_half_cell(tmp_path: Path) -> None:
    file = CellFile(tmp_path / "cells.jsonl", CONDITIONS)
    assert not measure([instance()], file, Notebook(patience=0))
    assert file.cells == []
