"""Rows of tables as lines of JSON, the same from either kind of database."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, LargeBinary, bindparam, insert, select

from api.store.columns import Table, Utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Insert
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

AT_A_TIME = 16
"""Rows that are in memory at once; the largest hold a megabyte."""
MODULUS = 1 << 256


def tables() -> list[SqlTable]:
    """Return all tables, each behind those that it points to."""
    return Table.metadata.sorted_tables


def lines_of(session: Session, table: SqlTable) -> Iterator[bytes]:
    """Yield the rows of a table, each as a line."""
    for row in session.execute(select(table)).yield_per(AT_A_TIME):
        told = {name: _written(value) for name, value in row._mapping.items()}  # noqa: SLF001
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        yield text.encode() + b"\n"


def row_of(table: SqlTable, line: bytes) -> dict[str, Any]:
    """Return the row that a line tells; ValueError if it tells none of the table."""
    told = json.loads(line)
    if not isinstance(told, dict) or told.keys() != {column.name for column in table.columns}:
        raise ValueError(f"a row of {table.name} has other columns than this version's")
    return {column.name: _read(column.type, told[column.name]) for column in table.columns}


def insertion(table: SqlTable) -> Insert:
    """Return the statement that adds rows; in columns of JSON, None is no value at all."""
    values = {
        column.name: bindparam(column.name, type_=JSON(none_as_null=True))
        for column in table.columns
        if isinstance(column.type, JSON)
    }
    return insert(table).values(values) if values else insert(table)


class Sum:
    """A hash of lines, whatever their order: databases sort texts each in its own way."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, line: bytes) -> None:
        """Count a line."""
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(line).digest())) % MODULUS

    @property
    def hash(self) -> str:
        """The hash of all lines that were added."""
        return f"{self._sum:064x}"


def sum_of(session: Session, table: SqlTable) -> Sum:
    """Return the hash of a table as it is."""
    total = Sum()
    for line in lines_of(session, table):
        total.add(line)
    return total


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _read(kind: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, Utc):
        return datetime.fromisoformat(value)
    return base64.b64decode(value, validate=True) if isinstance(kind, LargeBinary) else value
