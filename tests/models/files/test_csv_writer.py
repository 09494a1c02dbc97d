"""Tests of the CSV writer: what it writes reads back as it was."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from models.files import csv_writer
from models.files.csv_reader import read_csv
from models.files.csv_writer import csv_header, csv_records, fused, write_csv
from models.issues import IssueLog

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
TABLES = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=6)
)


@given(rows=TABLES)
def test_every_text_reads_back(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    names = ["a", 'b "b"', "c,c"][: len(rows[0])]
    write_csv(pd.DataFrame(rows, columns=names, dtype="str"), path)
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == [names, *map(list, rows)]
    issues = IssueLog()
    table = read_csv(path, "table", issues)
    assert table is not None
    assert not issues.issues
    assert list(table.frame.itertuples(index=False, name=None)) == rows


def test_only_what_must_be_quoted_is(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["x y", "x,y", " x"], "n": [1, 2, 3], "empty": ["", None, "z"]})
    write_csv(frame, tmp_path / "t.csv")
    expected = b'a,n,empty\nx y,1,\n"x,y",2,\n" x",3,z\n'
    assert (tmp_path / "t.csv").read_bytes() == expected


def test_an_empty_field_alone_is_no_blank_line(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"a": ["", "x"]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b'a\n""\nx\n'


def test_a_table_without_records_has_its_header(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"a": [], "b": []}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"a,b\n"


def test_long_tables_are_written_in_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_writer, "CHUNK_RECORDS", 2)
    write_csv(pd.DataFrame({"a": list("vwxyz")}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"a\nv\nw\nx\ny\nz\n"


def test_formulas_are_defused_for_people_only(tmp_path: Path) -> None:
    cells = ["=1+1", "+1", "-2", "@x", "\tx", "\rx", "x=1", "'=1"]
    frame = pd.DataFrame({"a": cells, "n": list(range(len(cells)))})
    write_csv(frame, tmp_path / "t.csv", defuse=True)
    defused = pd.read_csv(tmp_path / "t.csv", keep_default_na=False)["a"].tolist()
    assert defused == ["'=1+1", "'+1", "'-2", "'@x", "'\tx", "'\rx", "x=1", "''=1"]


PAYLOADS = [
    f"{quotes}{before}{mark}{rest}"
    for mark in ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    for before in ("", " ")
    for quotes in ("", "'")
    for rest in ("", "1+1", "SUM(A1)", "cmd|' /C calc'!A0", 'HYPERLINK("http://x")', ",x;y")
]


def test_every_formula_is_defused_and_comes_back() -> None:
    table = pa.table({"name": PAYLOADS, "money": pa.array(range(-5, len(PAYLOADS) - 5))})
    text = (csv_header(table.column_names) + csv_records(table)).decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert header == ["name", "money"]
    assert len(PAYLOADS) >= 200
    assert all(name.startswith("'") for name, _ in rows)
    assert [fused(name) for name, _ in rows] == PAYLOADS
    assert [int(money) for _, money in rows] == list(range(-5, len(PAYLOADS) - 5))


@given(text=st.text(max_size=8))
def test_any_text_comes_back(text: str) -> None:
    (field,) = csv.reader(io.StringIO(csv_records(pa.table({"a": [text]})).decode(), newline=""))
    assert fused(field[0]) == text


def test_numbers_of_a_frame_stay_numbers(tmp_path: Path) -> None:
    frame = pd.DataFrame({"money": [-5.5, 2.0], "name": ["-5.5", "x"]})
    write_csv(frame, tmp_path / "t.csv", defuse=True)
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "money,name\n-5.5,'-5.5\n2.0,x\n"
