"""Reads CSV strictly: every malformed line is reported, none is repaired or dropped."""

from __future__ import annotations

import csv
import mmap
import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.issues import IssueLog, shown
from models.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

MAX_FIELD = 100_000
MAX_COLUMNS = 1_000
CHUNK_RECORDS = 50_000
BLOCK_BYTES = 1 << 24
UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
LINE_ENDS = {b"\r\n": "CRLF", b"\n": "LF", b"\r": "CR"}


def read_csv(path: Path, name: str, issues: IssueLog) -> RawTable | None:
    """Return the table of a UTF-8 CSV file, every cell as text; None if it cannot be used.

    Faults go to `issues`; a table with faulty lines comes back without those lines, so that
    one pass shows the faults of all others too, but its errors block planning.
    """
    if not _bytes_are_text(path, name, issues):
        return None
    with path.open("r", encoding="utf-8-sig", newline="") as handle:
        return _Parser(name, path.name, issues).parse(handle)


def _bytes_are_text(path: Path, name: str, issues: IssueLog) -> bool:
    """Report wrong encoding, NUL bytes, mixed line ends and emptiness; return whether all is well."""
    found = len(issues.errors())
    line, rest, seen, is_blank = 1, b"", set(), True
    with path.open("rb") as handle:
        head = handle.read(len(UTF8_BOM))
        if head.startswith(UTF16_BOMS):
            issues.add("wrong_encoding", name, line=1, got="UTF-16")
            return False
        if head == UTF8_BOM:
            issues.add("byte_order_mark", name, line=1)
        else:
            handle.seek(0)
        while True:
            block = handle.read(BLOCK_BYTES)
            # Cut after a line feed, so that no character and no CRLF is split.
            cut = block.rfind(b"\n") + 1 if block else 0
            data, rest = (rest + block[:cut], block[cut:]) if cut else (rest + block, b"")
            if not data and not block:
                break
            if cut == 0 and block:
                rest, data = data, b""
                continue
            is_blank = is_blank and not data.strip()
            if not _block_is_text(data, line, name, issues):
                return False
            crlf = data.count(b"\r\n")
            counts = {"CRLF": crlf, "LF": data.count(b"\n") - crlf, "CR": data.count(b"\r") - crlf}
            seen |= {end for end, count in counts.items() if count}
            line += data.count(b"\n")
    if is_blank:
        issues.add("file_empty", name)
    elif len(seen) > 1:
        _report_mixed_line_ends(path, name, issues)
    return len(issues.errors()) == found


def _block_is_text(data: bytes, first_line: int, name: str, issues: IssueLog) -> bool:
    if (at := data.find(b"\0")) >= 0:
        issues.add("nul_byte", name, line=first_line + data.count(b"\n", 0, at))
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = first_line + data.count(b"\n", 0, error.start)
        issues.add("wrong_encoding", name, line=line, got=f"byte 0x{data[error.start]:02X}")
        return False
    return True


def _report_mixed_line_ends(path: Path, name: str, issues: IssueLog) -> None:
    """Report the first line end that differs from the first one; those inside quotes are data."""
    line, first, quoted = 1, "", False
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for token in re.finditer(rb'"|\r\n|\n|\r', data):
            if token[0] == b'"':
                quoted = not quoted
                continue
            end = LINE_ENDS[token[0]]
            first = first or ("" if quoted else end)
            if not quoted and end != first:
                issues.add("mixed_line_ends", name, line=line, got=f"{end} after {first}")
                return
            line += 1


class _Parser:
    """Turns the records of an open file into columns, chunk by chunk."""

    def __init__(self, name: str, source: str, issues: IssueLog) -> None:
        self.name, self.source, self.issues = name, source, issues
        self.header: list[str] = []
        self.lines: list[int] = []
        self.rows: list[list[str]] = []
        self.chunks: list[pa.RecordBatch] = []
        self.end = 0  # the last physical line of the record read last

    def parse(self, handle: TextIO) -> RawTable | None:
        """Return the table; None if its header or a quote makes the rest meaningless."""
        limit = csv.field_size_limit(MAX_FIELD)
        records = csv.reader(handle, strict=True)
        try:
            if not self._read_header(next(records, [])):
                return None
            self._read_body(records)
        except csv.Error as error:
            too_large = "field larger" in str(error)
            code = "field_too_large" if too_large else "unclosed_quote"
            self.issues.add(code, self.name, line=self.end + 1, got=str(error))
            return None
        finally:
            csv.field_size_limit(limit)
        return self._table()

    def _read_header(self, header: list[str]) -> bool:
        if len(header) > MAX_COLUMNS:
            self.issues.add("too_many_columns", self.name, line=1, got=f"{len(header):,} columns")
            return False
        self.header = [cell.strip() for cell in header]
        twice = sorted({cell for cell in self.header if self.header.count(cell) > 1})
        for cell in twice:
            self.issues.add("duplicate_column", self.name, line=1, column=cell, got=shown(cell))
        return not twice

    def _read_body(self, records: Iterator[list[str]]) -> None:
        width, self.end = len(self.header), 1
        for row in records:
            line, self.end = self.end + 1, records.line_num  # type: ignore[attr-defined]
            if len(row) == width:
                self.rows.append(row)
                self.lines.append(line)
                if len(self.rows) == CHUNK_RECORDS:
                    self._keep_rows()
            elif row:
                self._report_width(row, line)
            else:
                self.issues.add("blank_line", self.name, line=line)
        self._keep_rows()

    def _report_width(self, row: list[str], line: int) -> None:
        self.issues.add(
            "wrong_number_of_fields",
            self.name,
            line=line,
            got=f"{len(row)} fields, the first is {shown(row[0])}",
            allowed=f"{len(self.header)} fields",
        )

    def _keep_rows(self) -> None:
        if self.rows:
            columns = [pa.array(cells, pa.large_string()) for cells in zip(*self.rows, strict=True)]
            self.chunks.append(pa.RecordBatch.from_arrays(columns, self.header))
            self.rows = []

    def _table(self) -> RawTable:
        schema = pa.schema([(name, pa.large_string()) for name in self.header])
        frame = pa.Table.from_batches(self.chunks, schema).to_pandas()
        return RawTable(self.name, self.source, frame, np.array(self.lines, dtype=np.int64))
