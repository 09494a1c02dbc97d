"""Pages of a list, newest first, in which nothing is missed or told twice while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import tuple_

from api.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

DEFAULT_LIMIT, MOST = 100, 1000
MOST_STORED = 2**31 - 1
"""The largest number that a column of integers may hold, in PostgreSQL."""
Row = TypeVar("Row")


@dataclass(frozen=True)
class Paging:
    """Which page of a list is wanted.

    Attributes
    ----------
    limit : how many at most
    cursor : what the page before named as its next; None for the first
    """

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def encode_cursor(*values: Any) -> str:
    """Return the text that names a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[Any]:
    """Return the values of a place, each of its kind; InvalidRequestError if it names none."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        values = None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise _no_place(cursor)
    if not all(_may_be_stored(value) for value in values):
        raise _no_place(cursor)
    return values


def newest_first(
    session: Session,
    query: Select[Row],
    table: Any,
    paging: Paging,
    *,
    moment: str = "created_at",
    tie: str = "id",
) -> tuple[Sequence[Row], str | None]:
    """Return a page of rows, and the cursor of the next page; None if there is none.

    Parameters
    ----------
    query : selects rows of `table`, in no order
    moment, tie : the columns it goes by
    """
    by_moment, by_tie = getattr(table, moment), getattr(table, tie)
    if paging.cursor is not None:
        place = _place(paging.cursor)
        query = query.where(tuple_(by_moment, by_tie) < tuple_(*place))
    query = query.order_by(by_moment.desc(), by_tie.desc()).limit(paging.limit + 1)
    rows: Sequence[Row] = session.scalars(query).all()
    page = rows[: paging.limit]
    if len(rows) <= paging.limit:
        return page, None
    last = page[-1]
    return page, encode_cursor(getattr(last, moment).isoformat(), getattr(last, tie))


def _may_be_stored(value: Any) -> bool:
    """Return whether databases can look for a value: a text without NUL and half letters, or a
    number from 0 that is not too large.
    """
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    return isinstance(value, int) and 0 <= value <= MOST_STORED


def _place(cursor: str) -> tuple[datetime, str]:
    at, tie = decode_cursor(cursor, str, str)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _no_place(cursor)
    return moment, tie


def _no_place(cursor: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"the cursor {cursor[:40]!r} names no place of this list; take `next` of the page before, "
        "or none for the first page"
    )
