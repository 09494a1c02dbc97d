"""The file of measured cells: a run that was ended goes on, and only under the same conditions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from models.errors import UsageError
from scenarios.bench.cells import CellFile
from tests.scenarios.bench.fakes import CELLS, CONDITIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with three cells."""
    file = CellFile(tmp_path / "cells.jsonl", CONDITIONS)
    for cell in CELLS[:3]:
        file.add(cell)
    return tmp_path / "cells.jsonl"


def test_what_was_written_is_read_again(path: Path) -> None:
    later = replace(CONDITIONS, date="2027-01-01")
    file = CellFile(path, later)
    assert file.conditions == CONDITIONS
    assert file.cells == CELLS[:3]
    assert file.has("C 20x400", "highs")
    assert not file.has("C 20x400", "scip")
    assert not file.has("C 40x400", "highs")


def test_a_line_cut_short_is_measured_again(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    file = CellFile(path, CONDITIONS)
    assert file.cells == CELLS[:2]
    file.add(CELLS[2])
    assert CellFile(path, CONDITIONS).cells == CELLS[:3]


@pytest.mark.parametrize("change", [{"threads": 4}, {"seconds": 5.0}, {"machine": "another"}])
def test_other_conditions_are_refused(path: Path, change: dict[str, object]) -> None:
    before = path.read_bytes()
    (name, value), had = *change.items(), vars(CONDITIONS)[next(iter(change))]
    with pytest.raises(UsageError, match=f"was measured with {name} {had}, now it is {value}"):
        CellFile(path, replace(CONDITIONS, **change))  # type: ignore[arg-type]
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["no JSON\n", '{"date": 1}\n', '"text"\n', "[]\n{}\n"])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"other\.jsonl holds no cells of a benchmark table"):
        CellFile(path, CONDITIONS)
    assert path.read_text("utf-8") == text


def test_the_command_repeats_the_conditions() -> None:
    assert CONDITIONS.command == (
        "fairlead bench table --size full --time-limit 60 --lp-time-limit 400 --threads 2 --seed 0"
    )
