"""The page of benchmarks says what the figures say, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scenarios.bench.table import page
from tests.scenarios.bench.fakes import BIG, CELLS, CONDITIONS, INSTANCES

if TYPE_CHECKING:
    from scenarios.bench.cells import Cell

PAGE = Path(__file__).with_name("page.md")


def text(cells: list[Cell]) -> str:
    """Return the page's words in one line."""
    return " ".join(page(CONDITIONS, INSTANCES, cells).split())


def changed(instance: str, method: str, **changes: object) -> list[Cell]:
    """Return the cells with one of them changed."""
    return [
        replace(cell, **changes)  # type: ignore[arg-type]
        if (cell.instance, cell.method) == (instance, method)
        else cell
        for cell in CELLS
    ]


def test_known_results_make_a_known_page() -> None:
    assert page(CONDITIONS, INSTANCES, CELLS) == PAGE.read_text("utf-8")


def test_the_order_of_cells_does_not_matter() -> None:
    assert page(CONDITIONS, INSTANCES, CELLS[::-1]) == page(CONDITIONS, INSTANCES, CELLS)


@pytest.mark.parametrize(
    ("instance", "method", "changes", "told"),
    [
        (
            "D 20x400",
            "fairlead",
            {"objective": -12_245.0},
            "Type D: Fairlead and HiGHS share the lowest mean gap, 0.041 %; next is SCIP with",
        ),
        (
            "D 20x400",
            "fairlead",
            {"objective": None},
            "lowest mean gap, 0.041 %; Fairlead has no plan on some instances.",
        ),
        (
            "C 40x400",
            "cp_sat",
            {"objective": None},
            "Type C: Fairlead has the lowest mean gap, 0.046 %. - Type D",
        ),
        (
            BIG,
            "fairlead",
            {"objective": 760_000_000.0},
            "has a plan 1.036 % below the best bound in 1.25 s, not the 0.020 % asked for.",
        ),
        (BIG, "fairlead", {"objective": None}, "- Fairlead has no plan. |"),
        (
            BIG,
            "highs_lp",
            {"seconds": 0.5},
            "The fastest linear solver, HiGHS, takes 0.50 s for the relaxation alone: Fairlead "
            "takes 2.5 times as long.",
        ),
        (
            BIG,
            "pdlp",
            {"seconds": None, "bound": None, "reason": "it was ended at its limit"},
            "- PDLP 1e-6 gave no answer on 100,000 leads x 400 reps: it was ended at its limit.",
        ),
    ],
)
def test_findings_follow_the_figures(
    instance: str, method: str, changes: dict[str, object], told: str
) -> None:
    assert told not in text(CELLS)
    assert told in text(changed(instance, method, **changes))


def test_who_has_no_plan_anywhere_is_told_once() -> None:
    cells = [replace(cell, objective=None) for cell in CELLS]
    told = text(cells)
    assert "Type C: no method has a plan on every instance." in told
    assert "CP-SAT has no plan on C 20x400, C 40x400 and D 20x400." in told
    assert "Fairlead has the cheapest plan, alone or with others, on 0 of 3 instances." in told
