"""In which forms a table is given, and how each is written piece by piece."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from api.errors import NotAcceptableError
from api.services.tables.rows import without_infinity
from models.files.csv_writer import csv_header, csv_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.services.tables.rows import Rows

ANYTHING = "*/*"
LONGEST = 1000


class Format(StrEnum):
    """A form, by its media type; the first one is given to who takes any."""

    JSON = "application/json"
    CSV = "text/csv"
    PARQUET = "application/vnd.apache.parquet"


def format_of(accept: str | None) -> Format:
    """Return the form that an Accept header likes best (RFC 9110, section 12.5.1).

    Raises
    ------
    NotAcceptableError : it takes none of them
    """
    liked = {form: _liking(accept or ANYTHING, form) for form in Format}
    best = max(Format, key=lambda form: liked[form])
    if liked[best] <= 0:
        raise NotAcceptableError(
            f"Accept is {(accept or '')[:LONGEST]!r}; this table is given as {', '.join(Format)}"
        )
    return best


def _liking(accept: str, form: Format) -> float:
    """Return the quality of a form, from 0, as its most exact range tells it."""
    kind = form.split("/", maxsplit=1)[0]
    exactness = {ANYTHING: 1, f"{kind}/*": 2, str(form): 3}
    best, quality = 0, 0.0
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        exact = exactness.get(name, 0)
        if exact > best:
            best, quality = exact, _quality(parameters)
    return quality


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def csv_pieces(rows: Rows) -> Iterator[bytes]:
    """Give a CSV file for people: formulas are defused, an empty cell is nothing."""
    yield csv_header(rows.schema.names)
    for table in rows:
        yield csv_records(without_infinity(table))


def parquet_pieces(rows: Rows) -> Iterator[bytes]:
    """Give a Parquet file."""
    spout = _Spout()
    with pq.ParquetWriter(pa.PythonFile(spout, mode="w"), rows.schema) as writer:
        for table in rows:
            writer.write_table(table)
            yield spout.drawn()
    yield spout.drawn()


class _Spout:
    """A file that is only written, and emptied as it grows."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, piece: bytes) -> int:
        """Take a piece."""
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how much was written in all."""
        return self._size

    def flush(self) -> None:
        """Do nothing: what was written is there at once."""

    def close(self) -> None:
        """Write no more."""
        self.closed = True

    def drawn(self) -> bytes:
        """Return what was written since this was asked last."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
