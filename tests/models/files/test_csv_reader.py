"""CSV is read strictly, whatever size its pieces have, and each fault knows its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.files import csv_reader
from models.files.csv_reader import read_csv
from models.issues import Issue, IssueLog

if TYPE_CHECKING:
    from pathlib import Path

    from models.raw_table import RawTable


def read(
    path: Path, data: bytes | str, delimiter: str = ","
) -> tuple[RawTable | None, list[Issue]]:
    """Return the table of some bytes, and its issues."""
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    issues = IssueLog()
    return read_csv(path, "t", issues, delimiter=delimiter), list(issues)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the file goes."""
    return tmp_path / "t.csv"


def test_each_record_knows_the_line_it_starts_on(path: Path) -> None:
    table, issues = read(path, 'a,b\n1,"x\ny"\n\n2,"z\n\n"\n3,w\n')
    assert table is not None
    assert table.lines is not None
    assert table.lines.tolist() == [2, 5, 8]
    assert table.frame.to_numpy().tolist() == [["1", "x\ny"], ["2", "z\n\n"], ["3", "w"]]
    assert [(issue.code, issue.line) for issue in issues] == [("blank_line", 4)]


def test_a_spreadsheets_line_ends_inside_cells_are_data(path: Path) -> None:
    table, issues = read(path, 'a,b\r\n1,"x\ny"\r\n2,"x\r\ny"\r\n3,"x\ry"\r\n')
    assert not issues
    assert table is not None
    assert table.frame["b"].tolist() == ["x\ny", "x\r\ny", "x\ry"]


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("a\n1\r\n", 2, "CRLF after LF"),
        ("a\r\n1\n2\r\n3\n", 2, "LF after CRLF"),
        ("a\n1\r2\n", 2, "CR after LF"),
        ('a\n5" pipe\n"x\r\ny"\n6" pipe\r\n', 5, "CRLF after LF"),
        ('a\r"x\n\ny"\r1\n', 5, "LF after CR"),
    ],
)
def test_the_first_other_line_end_is_named(path: Path, text: str, line: int, got: str) -> None:
    _, issues = read(path, text)
    mixed = [issue for issue in issues if issue.code == "mixed_line_ends"]
    assert [(issue.line, issue.got) for issue in mixed] == [(line, got)]


@pytest.mark.parametrize("block", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("\ufeffa\r\né\r\n\U0001f600\r\n".encode(), ("byte_order_mark", 1)),
        (b"a\r\nb\r\nc\xc3\r\n", ("wrong_encoding", 3)),
        (b"a\r\nb\r\n\xe2\x82", ("wrong_encoding", 3)),
        (b"a\rb\rc\0", ("nul_byte", 3)),
        (b"a\n\nb\n\0", ("nul_byte", 4)),
        (b" \r\n\t\r\n", ("file_empty", None)),
    ],
)
def test_where_blocks_are_cut_does_not_matter(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    block: int,
    data: bytes,
    found: tuple[str, int | None],
) -> None:
    monkeypatch.setattr(csv_reader, "BLOCK_BYTES", block)
    _, issues = read(path, data)
    assert [(issue.code, issue.line) for issue in issues] == [found]


@pytest.mark.parametrize("size", [1, 10, 100])
def test_where_chunks_are_cut_does_not_matter(
    path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    text = "a,b\n" + "".join(f'{at},"{"x" * (at % 7)}\n"\n' for at in range(50))
    whole, _ = read(path, text)
    monkeypatch.setattr(csv_reader, "CHUNK_CHARACTERS", size)
    cut, issues = read(path, text)
    assert not issues
    assert whole is not None
    assert cut is not None
    assert whole.lines is not None
    assert cut.lines is not None
    assert whole.frame.equals(cut.frame)
    assert whole.lines.tolist() == cut.lines.tolist()


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ('a,b\n1,"x\n2,y\n3,z\n', 2, "the end of the file inside quotes, on line 4"),
        ('a,b\n1,"x\n2,"y"\n', 2, "',' expected after '\"', on line 3"),
        ('a,b\n1,x\n2,"y"z\n', 3, "',' expected after '\"'"),
        ('"a,b\n1,x\n', 1, "the end of the file inside quotes, on line 2"),
    ],
)
def test_an_open_quote_is_blamed_on_the_record_that_opens_it(
    path: Path, text: str, line: int, got: str
) -> None:
    table, issues = read(path, text)
    assert table is None
    assert [(issue.code, issue.line, issue.got) for issue in issues] == [
        ("unclosed_quote", line, got)
    ]


def test_lines_of_a_wrong_width_are_all_named_and_the_others_are_read(path: Path) -> None:
    table, issues = read(path, "a,b\n1\n2,x\n3,y,\n4,z,w\n")
    assert table is not None
    assert table.frame["a"].tolist() == ["2"]
    assert [(issue.line, issue.got, issue.fix.split()[0]) for issue in issues] == [
        (2, "1 fields", "Complete"),
        (4, "3 fields", "Remove"),
        (5, "3 fields", "Quote"),
    ]


def test_a_million_faults_are_counted_not_listed(path: Path) -> None:
    _, issues = read(path, "a,b\n" + "1\n" * 5_000)
    assert len(issues) == 1_001
    assert sum(issue.count for issue in issues) == 5_000
    assert issues[-1].line == 1_002


def test_columns_without_a_name_are_left_out_and_named(path: Path) -> None:
    table, issues = read(path, ",a, ,b,\n0,1,2,3,4\n")
    assert table is not None
    assert list(table.frame.columns) == ["a", "b"]
    assert table.frame.to_numpy().tolist() == [["1", "3"]]
    assert [issue.got for issue in issues] == ["column 1", "column 3", "column 5"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_must_be_asked_for(path: Path, delimiter: str) -> None:
    text = f"a{delimiter}b\n1{delimiter}2,5\n"
    table, issues = read(path, text)
    assert table is None
    assert [(issue.code, issue.got) for issue in issues] == [("wrong_delimiter", repr(delimiter))]
    table, issues = read(path, text, delimiter)
    assert not issues
    assert table is not None
    assert table.frame["b"].tolist() == ["2,5"]


def test_one_column_needs_no_delimiter(path: Path) -> None:
    table, issues = read(path, 'a\n1\n""\n')
    assert not issues
    assert table is not None
    assert table.frame["a"].tolist() == ["1", ""]
