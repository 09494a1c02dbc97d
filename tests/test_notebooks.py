"""Every notebook runs from top to bottom, as a reader would run it."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

import altair as alt
import jupytext
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from nbclient import NotebookClient

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
SMALLEST = ROOT / "notebooks" / "comparing_plans.py"
"""The one that takes least time."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=() if path == SMALLEST else pytest.mark.hard) for path in NOTEBOOKS],
    ids=lambda path: path.stem,
)
def test_notebook_runs_in_a_kernel(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = jupytext.read(path)
    NotebookClient(notebook, timeout=240, kernel_name="python3").execute()
    outputs = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.outputs]
    assert outputs


@pytest.fixture
def as_it_was() -> Iterator[None]:
    """Take back what notebooks set for all of their process."""
    renderer, width = alt.renderers.active, pd.get_option("display.max_colwidth")
    yield
    alt.renderers.enable(renderer)
    pd.set_option("display.max_colwidth", width)


@pytest.mark.usefixtures("as_it_was")
@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path != SMALLEST], ids=lambda path: path.stem
)
def test_cells_of_a_notebook_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run cells without a kernel, which takes longer to start than most notebooks to run."""
    shown: list[dict[str, Any]] = []
    formatter = DisplayFormatter()

    def show(value: object) -> None:
        if value is not None:
            shown.append(formatter.format(value)[0])  # type: ignore[no-untyped-call]

    monkeypatch.setattr(sys, "displayhook", show)
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "code":
            body = ast.parse(cell.source).body
            exec(compile(ast.Interactive(body), str(path), "single"), names)  # noqa: S102
    assert shown
    uses_charts = "alt" in names
    assert any("image/svg+xml" in each for each in shown) == uses_charts
