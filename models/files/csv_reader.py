"""Reads CSV strictly: every malformed line is reported, none is repaired or dropped in silence."""

from __future__ import annotations

import codecs
import csv
from array import array
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.issues import IssueLog, shown
from models.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

MAX_COLUMNS = 1_000
MAX_RECORD = 1_000_000
CHUNK_CHARACTERS = 250_000
"""So many are turned into columns at a time: few enough for the processor's cache."""
BLOCK_BYTES = 1 << 22
DELIMITERS = ",;\t|"
LINE_ENDS = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_csv(path: Path, name: str, issues: IssueLog, *, delimiter: str = ",") -> RawTable | None:
    """Return the table of a UTF-8 CSV file, every cell as text; None if it cannot be used.

    Faults go to `issues`; a table with faulty lines comes back without those lines, so that
    one pass shows the faults of all others too, but its errors block planning.
    """
    if not _bytes_are_text(path, name, issues):
        return None
    with path.open("r", encoding="utf-8-sig", newline="") as handle:
        return _Parser(name, path.name, issues, delimiter).parse(handle)


def _bytes_are_text(path: Path, name: str, issues: IssueLog) -> bool:
    """Return whether a file is UTF-8 text without NUL bytes; report what it is otherwise."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    ends: Counter[bytes] = Counter()
    is_blank = True
    with path.open("rb") as handle:
        head = handle.read(len(codecs.BOM_UTF8))
        if head.startswith(UTF16_BOMS):
            issues.add("wrong_encoding", name, line=1, got="UTF-16")
            return False
        if head == codecs.BOM_UTF8:
            issues.add("byte_order_mark", name, line=1)
        else:
            handle.seek(0)
        block = None
        while block != b"":
            block = handle.read(BLOCK_BYTES)
            if (at := block.find(b"\0")) >= 0:
                issues.add("nul_byte", name, line=_line_after(ends, block[:at]))
                return False
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line = _line_after(ends, error.object[: error.start])
                byte = f"byte 0x{error.object[error.start]:02X}"
                issues.add("wrong_encoding", name, line=line, got=byte)
                return False
            is_blank = is_blank and not text.strip()
            _line_after(ends, block)
    if is_blank:
        issues.add("file_empty", name)
    return not is_blank


def _line_after(ends: Counter[bytes], data: bytes) -> int:
    """Count the line ends of further data; return the line that follows them.

    The more frequent of CR and LF counts: a CRLF may be cut in two, the other may be data.
    """
    for end in (b"\r", b"\n"):
        ends[end] += data.count(end)
    return 1 + max(ends.values())


class _Parser:
    """Turns the records of an open file into columns, chunk by chunk."""

    def __init__(self, name: str, source: str, issues: IssueLog, delimiter: str) -> None:
        self.name, self.source, self.issues, self.delimiter = name, source, issues, delimiter
        self.header: list[str] = []
        self.lines = array("q")
        self.rows: list[list[str]] = []
        self.chunks: list[pa.RecordBatch] = []
        self.line = 0  # the physical line read last
        self.line_end = self.first_line_end = ""  # how that line ends, how the first record did
        self.has_mixed_ends = False
        self.record_end = 0  # the physical line that the record read last ends on
        self.record_size = self.chunk_size = 0  # characters

    def parse(self, handle: TextIO) -> RawTable | None:
        """Return the table; None if its header or a quote makes the rest meaningless."""
        records = self._records(handle)
        try:
            if not self._read_header(*next(records)):
                return None
            self._read_body(records)
        except csv.Error as error:
            self._report_error(str(error))
            return None
        return self._table()

    def _physical_lines(self, handle: TextIO) -> Iterator[str]:
        while text := handle.readline(MAX_RECORD + 1):
            self.line += 1
            self.record_size += len(text)
            if self.record_size > MAX_RECORD:
                raise csv.Error(f"record larger than {MAX_RECORD:,} characters")
            self.line_end = text[-2:] if text.endswith("\r\n") else text[-1]
            yield text

    def _records(self, handle: TextIO) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank with the line it starts on."""
        lines = self._physical_lines(handle)
        for row in csv.reader(lines, delimiter=self.delimiter, strict=True):
            start, self.record_end = self.record_end + 1, self.line
            self.chunk_size += self.record_size
            self.record_size = 0
            if self.line_end != self.first_line_end:
                self._check_line_end()
            if row:
                yield start, row
            else:
                self.issues.add("blank_line", self.name, line=start)

    def _check_line_end(self) -> None:
        """Report the first record that ends otherwise than the first one did."""
        if self.line_end not in LINE_ENDS:
            return  # The last record needs no line end.
        if not self.first_line_end:
            self.first_line_end = self.line_end
        elif not self.has_mixed_ends:
            got = f"{LINE_ENDS[self.line_end]} after {LINE_ENDS[self.first_line_end]}"
            self.issues.add("mixed_line_ends", self.name, line=self.line, got=got)
            self.has_mixed_ends = True

    def _report_error(self, error: str) -> None:
        start = self.record_end + 1
        got = "the end of the file inside quotes" if error == "unexpected end of data" else error
        if self.line > start:
            got += f", on line {self.line}"
        code = "field_too_large" if "larger than" in error else "unclosed_quote"
        self.issues.add(code, self.name, line=start, got=got)

    def _read_header(self, line: int, cells: list[str]) -> bool:
        self.header = [cell.strip() for cell in cells]
        faults = len(self.issues.errors())
        if len(cells) > MAX_COLUMNS:
            self.issues.add("too_many_columns", self.name, line=line, got=f"{len(cells):,} columns")
            return False
        others = [sign for sign in DELIMITERS if sign != self.delimiter and sign in cells[0]]
        if len(cells) == 1 and others:
            self.issues.add("wrong_delimiter", self.name, line=line, got=shown(others[0]))
        for cell, count in Counter(filter(None, self.header)).items():
            if count > 1:
                got = f"{count} columns of this name"
                self.issues.add("duplicate_column", self.name, line=line, column=cell, got=got)
        for at, cell in enumerate(self.header, 1):
            if not cell:
                self.issues.add("unnamed_column", self.name, line=line, got=f"column {at}")
        return len(self.issues.errors()) == faults

    def _read_body(self, records: Iterator[tuple[int, list[str]]]) -> None:
        width = len(self.header)
        for line, row in records:
            if len(row) == width:
                self.rows.append(row)
                self.lines.append(line)
            else:
                self._report_width(row, line)
            if self.chunk_size > CHUNK_CHARACTERS:
                self._close_chunk()
        self._close_chunk()

    def _report_width(self, row: list[str], line: int) -> None:
        # The cells are not shown: which of them is personal is unknown where columns shift.
        width, advice = len(self.header), ""
        if len(row) < width:
            advice = "Complete the line, and quote fields that hold a line break."
        elif not any(row[width:]):
            advice = "Remove the delimiters at the end of the line."
        got, allowed = f"{len(row)} fields", f"{width} fields"
        self.issues.add(
            "wrong_number_of_fields", self.name, line=line, got=got, allowed=allowed, fix=advice
        )

    def _close_chunk(self) -> None:
        if self.rows:
            columns = zip(self.header, zip(*self.rows, strict=True), strict=True)
            named = {name: pa.array(cells, pa.large_string()) for name, cells in columns if name}
            self.chunks.append(pa.RecordBatch.from_pydict(named))
            self.rows = []
        self.chunk_size = 0

    def _table(self) -> RawTable:
        schema = pa.schema([(name, pa.large_string()) for name in self.header if name])
        # One piece per column: taking rows out of many pieces is slow.
        frame = pa.Table.from_batches(self.chunks, schema).combine_chunks().to_pandas()
        return RawTable(self.name, self.source, frame, np.array(self.lines, dtype=np.int64))
