"""Filters in a policy: column -> value, list of values, or a condition; all must hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    model_validator,
)

from models.columns import EVERYTHING
from models.lists import lies_under, split_path
from models.nearest import nearest_advice
from models.snapshot import FIRST_YEAR, LAST_YEAR
from models.units import plain_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

LARGEST_NUMBER = 1e300
INSTANT = timedelta(microseconds=1)
"""The resolution of every column of times."""


def _scalar(value: Any) -> Any:
    # Larger numbers, infinity and NaN would not compare as the numbers they are written as.
    is_number = isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER
    if is_number or isinstance(value, str):
        return value
    raise ValueError("must be text, a number, true or false")


def _region(path: str) -> str:
    if path != EVERYTHING and not all(split_path(path)):
        raise ValueError("must be a region path without empty parts, such as US/West")
    return path


Scalar = Annotated[str | bool | int | float, BeforeValidator(_scalar)]
"""What a cell is compared with, as YAML has it."""


class Condition(BaseModel):
    """What a cell must satisfy; a missing cell satisfies nothing but `missing: true`.

    Attributes
    ----------
    any_of : the cell is one of these (a bare value or list means this)
    not_ : the cell is none of these
    at_least, at_most : inclusive limits of a number, date or time
    under : the region path lies under this one
    missing : true: the cell is empty; false: it is not

    Notes
    -----
    A date means its whole day in the snapshot's zone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    any_of: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    not_: tuple[Scalar, ...] | None = Field(default=None, alias="not", min_length=1)
    at_least: Scalar | None = None
    at_most: Scalar | None = None
    under: Annotated[str, AfterValidator(_region)] | None = None
    missing: bool | None = Field(default=None, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            value = {"any_of": value}
        if not value or None in value.values():
            raise ValueError(
                "needs a value, a list, or one of at_least, at_most, not, under, missing"
            )
        lists = {key: value[key] for key in ("any_of", "not") if key in value}
        return {**value, **{k: v if isinstance(v, list) else [v] for k, v in lists.items()}}

    @model_validator(mode="after")
    def _can_hold(self) -> Condition:
        if self.missing and len(self.model_fields_set) > 1:
            raise ValueError("`missing: true` stands alone: an empty cell satisfies nothing else")
        return self

    def mask(self, cells: pd.Series, zone: str) -> NDArray[np.bool_]:
        """Return (n,) whether each cell satisfies the condition."""
        if self.missing:
            return cells.isna().to_numpy(bool)
        holds = cells.notna()
        if self.any_of is not None:
            holds &= _is_any(cells, self.any_of, zone)
        if self.not_ is not None:
            holds &= ~_is_any(cells, self.not_, zone)
        if self.at_least is not None:
            low = _read(self.at_least, _kind(cells), zone)
            holds &= cells >= (low[0] if isinstance(low, tuple) else low)
        if self.at_most is not None:
            high = _read(self.at_most, _kind(cells), zone)
            holds &= cells < high[1] if isinstance(high, tuple) else cells <= high
        if self.under is not None:
            regions = cells.dropna().unique()
            holds &= cells.isin([path for path in regions if lies_under(path, self.under)])
        return holds.to_numpy(bool)

    def faults(self, cells: pd.Series) -> Iterator[str]:
        """Yield what does not fit the column's type."""
        kind = _kind(cells)
        limits = [limit for limit in (self.at_least, self.at_most) if limit is not None]
        for value in (*(self.any_of or ()), *(self.not_ or ()), *limits):
            try:
                _read(value, kind, "UTC")
            except ValueError as error:
                yield str(error)
        if kind == "text" and limits:
            yield "at_least and at_most need a column of numbers or dates; this one is text"
        if kind != "text" and self.under is not None:
            yield f"under needs a column of region paths; this one holds {kind}s"

    def absent(self, cells: pd.Series) -> Iterator[tuple[str, str]]:
        """Yield (text that no cell is or lies under, the nearest one) of a column of text."""
        if _kind(cells) != "text":
            return
        known = set(cells.dropna().unique())
        for word in map(_word, (*(self.any_of or ()), *(self.not_ or ()))):
            if word not in known:
                yield word, nearest_advice(word, sorted(known))
        if self.under is not None and not any(lies_under(path, self.under) for path in known):
            depth = len(split_path(self.under))
            starts = {"/".join(split_path(path)[:depth]) for path in known}
            yield self.under, nearest_advice(self.under, sorted(starts))

    def sentence(self) -> str:
        """Return the condition in words, to follow the column's name."""
        words = []
        if self.any_of is not None:
            words.append(f"is {' or '.join(map(_word, self.any_of))}")
        if self.not_ is not None:
            neither = "neither " if len(self.not_) > 1 else "not "
            words.append(f"is {neither}{' nor '.join(map(_word, self.not_))}")
        if self.at_least is not None:
            words.append(f"is at least {_word(self.at_least)}")
        if self.at_most is not None:
            words.append(f"is at most {_word(self.at_most)}")
        if self.under is not None:
            words.append(f"lies under {self.under}")
        if self.missing is not None:
            words.append("is empty" if self.missing else "is filled")
        return " and ".join(words)


class Where(RootModel[dict[str, Condition]]):
    """A filter of records: every condition must hold."""

    model_config = ConfigDict(frozen=True)

    root: dict[str, Condition] = Field(min_length=1)

    def mask(self, frame: pd.DataFrame, zone: str) -> NDArray[np.bool_]:
        """Return (n,) whether each record satisfies every condition."""
        holds = np.ones(len(frame), bool)
        for column, condition in self.root.items():
            holds &= condition.mask(frame[column], zone)
        return holds

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return tuple(self.root)

    def faults(self, frame: pd.DataFrame) -> Iterator[tuple[str, str]]:
        """Yield (column, fault) for each condition that does not fit its column."""
        for column, condition in self.root.items():
            if column in frame:
                yield from ((column, fault) for fault in condition.faults(frame[column]))

    def absent(self, frame: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
        """Yield (column, text that no record has there, advice with the nearest one)."""
        for column, condition in self.root.items():
            yield from ((column, *found) for found in condition.absent(frame[column]))

    def sentence(self) -> str:
        """Return the filter in words, as `grade is A and stage is not negotiation`."""
        return " and ".join(f"{name} {part.sentence()}" for name, part in self.root.items())


def holds(where: Where, record: Mapping[str, Any], zone: str) -> bool:
    """Return whether one record satisfies a filter: the plain reading, for the checker."""
    return all(_holds(part, record[name], zone) for name, part in where.root.items())


def _holds(condition: Condition, cell: Any, zone: str) -> bool:
    if pd.isna(cell) or condition.missing:
        return bool(pd.isna(cell) and condition.missing)
    low, high = condition.at_least, condition.at_most
    return all(
        (
            condition.any_of is None or any(_compare(cell, v, zone) == 0 for v in condition.any_of),
            condition.not_ is None or all(_compare(cell, v, zone) != 0 for v in condition.not_),
            condition.under is None or lies_under(cell, condition.under),
            low is None or _compare(cell, low, zone) >= 0,
            high is None or _compare(cell, high, zone) <= 0,
        )
    )


def _compare(cell: Any, value: Scalar, zone: str) -> int:
    """Return -1, 0 or 1: the cell lies before, at (in, for a day) or after the policy's value."""
    kind = "text" if isinstance(cell, str) else "date" if isinstance(cell, datetime) else "number"
    read = _read(value, kind, zone)
    first, last = (read[0], read[1] - INSTANT) if isinstance(read, tuple) else (read, read)
    return int(cell > last) - int(cell < first)


def _is_any(cells: pd.Series, values: tuple[Scalar, ...], zone: str) -> pd.Series:
    read = [_read(value, _kind(cells), zone) for value in values]
    if _kind(cells) != "date":
        return cells.isin(read)
    within = [(cells >= starts) & (cells < ends) for starts, ends in read]
    return pd.Series(np.logical_or.reduce(within), index=cells.index)


def _kind(cells: pd.Series) -> str:
    """Return what a column holds: text, a date (or time), or a number (flags are numbers)."""
    if isinstance(cells.dtype, pd.StringDtype):
        return "text"
    return "date" if cells.dtype.kind == "M" else "number"


def _read(value: Scalar, kind: str, zone: str) -> Any:
    """Return the policy's value as cells of a kind are compared with it.

    Returns
    -------
    str, float, or the half-open interval of instants that a date or time means

    Raises
    ------
    ValueError : the value is not of that kind; the text says so
    """
    if kind == "text":
        return _word(value)
    if kind == "date":
        return _interval(value, ZoneInfo(zone))
    if isinstance(value, str):
        raise ValueError(f"{value!r} is text, but the column holds numbers")
    return float(value)


def _interval(value: Scalar, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f"{value!r} is not a date, such as 2026-11-21") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{value!r} is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    starts = local.astimezone(UTC)
    if _is_day(value):
        # Added on the wall clock: where the clocks change, a day has 23 or 25 hours.
        return starts, (local + timedelta(days=1)).astimezone(UTC)
    return starts, starts + INSTANT


def _is_day(value: Scalar) -> bool:
    try:
        return bool(date.fromisoformat(str(value)))
    except ValueError:
        return False


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else plain_number(value)
