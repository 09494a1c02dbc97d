"""Rows of a file: pages, CSV and Parquet hold the same, however the file is cut into groups."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import NotAcceptableError
from api.services.tables.formats import Format, csv_pieces, format_of, parquet_pieces
from api.services.tables.leads import find_lead
from api.services.tables.rows import Rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS = st.lists(st.tuples(st.booleans(), st.floats() | st.none()), max_size=25)


def write(path: Path, rows: list[tuple[bool, float | None]], group: int) -> list[dict[str, Any]]:
    """Write rows in groups; return those that are meant, as JSON has them."""
    ids = [f"L{number:03}" for number in range(len(rows))]
    table = pa.table(
        {
            "lead_id": pa.array(ids, pa.large_string()),
            "meant": pa.array([meant for meant, _ in rows], pa.bool_()),
            "money": pa.array([money for _, money in rows], pa.float64()),
        }
    )
    pq.write_table(table, path, row_group_size=group)
    return [
        {"lead_id": lead_id, "money": money if money is not None and abs(money) < 1e400 else None}
        for lead_id, (meant, money) in zip(ids, rows, strict=True)
        if meant
    ]


@given(rows=ROWS, group=st.integers(1, 9), limit=st.integers(1, 9))
def test_pages_and_files_hold_what_is_meant(
    rows: list[tuple[bool, float | None]],
    group: int,
    limit: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("rows") / "t.parquet"
    expected = write(path, rows, group)

    def opened() -> Rows:
        return Rows(path, where=lambda table: table["meant"], columns=("lead_id", "money"))

    found: list[dict[str, Any]] = []
    start: int | None = 0
    while start is not None:
        page, start = opened().page(start, limit)
        assert len(page) == limit or start is None
        found += page
    assert found == expected
    read = pq.read_table(pa.BufferReader(b"".join(parquet_pieces(opened()))))
    assert read["lead_id"].to_pylist() == [row["lead_id"] for row in expected]
    text = b"".join(csv_pieces(opened())).decode()
    cells = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert [row["lead_id"] for row in cells] == [row["lead_id"] for row in expected]
    for cell, row in zip(cells, expected, strict=True):
        assert (float(cell["money"]) if cell["money"] else None) == row["money"]


def test_a_lead_is_found_in_its_group(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, [(True, 1.0)] * 20, 3)
    for number in range(20):
        assert find_lead(path, f"L{number:03}")["lead_id"].to_pylist() == [f"L{number:03}"]
    for missing in ("", "A", "L", "L0055", "L020", "Z", "\uffff"):
        assert find_lead(path, missing).num_rows == 0


def test_rows_outlive_their_directory(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write(path, [(True, 1.0)] * 20, 3)
    rows = Rows(path, where=lambda table: pc.invert(table["meant"]))
    every = Rows(path)
    path.unlink()
    assert list(rows) == []
    assert sum(table.num_rows for table in every) == 20


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, Format.JSON),
        ("*/*", Format.JSON),
        ("text/csv", Format.CSV),
        ("TEXT/CSV ; charset=utf-8", Format.CSV),
        ("text/*", Format.CSV),
        ("application/*;q=0.1, text/csv;q=0.2", Format.CSV),
        ("application/json;q=0.1, application/vnd.apache.parquet", Format.PARQUET),
        ("application/json;q=0, */*", Format.CSV),
        ("*/*;q=0.5, application/vnd.apache.parquet;q=0.6", Format.PARQUET),
        ("text/html, application/xhtml+xml, */*;q=0.8", Format.JSON),
    ],
)
def test_the_form_that_is_liked_best_is_given(accept: str | None, form: Format) -> None:
    assert format_of(accept) is form


@given(accept=st.text(max_size=40))
def test_any_header_is_understood_or_refused(accept: str) -> None:
    try:
        form = format_of(accept)
    except NotAcceptableError:
        form = None
    assert form in (None, *Format)
    assert form is not None or "*/*" not in accept.split(",")
