"""The reference pages in docs are what the catalogues say."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from models.columns import TABLES
from models.issue_docs import PAGES, catalogue, tables
from models.issue_types import ISSUE_TYPES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", PAGES)
def test_the_committed_page_is_the_generated_one(page: str) -> None:
    advice = f"run: python -m models.issue_docs {page} > docs/{page}.md"
    assert (DOCS / f"{page}.md").read_text() == PAGES[page](), advice


def test_every_code_is_listed_once() -> None:
    lines = catalogue().splitlines()
    for code in ISSUE_TYPES:
        assert sum(line.startswith(f"| `{code}` |") for line in lines) == 1


def test_every_column_is_listed() -> None:
    lines = tables().splitlines()
    for columns in TABLES.values():
        for column in columns:
            assert any(
                line.startswith(f"| `{column.name}` | {column.kind.value} |") for line in lines
            )


def test_every_row_has_as_many_cells_as_its_head() -> None:
    width = 0
    for line in (catalogue() + tables()).splitlines():
        cells = line.replace("\\|", "").count("|")
        width = width or cells
        if line.startswith("|"):
            assert cells == width
        else:
            width = 0


def test_the_command_prints_a_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["issue_docs", "tables"])
    monkeypatch.delitem(sys.modules, "models.issue_docs")
    runpy.run_module("models.issue_docs", run_name="__main__")
    assert capsys.readouterr().out == tables()
