"""Filters in a policy: column -> value, list of values, or a condition; all must hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from models.lists import lies_under
from models.units import number_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

Scalar = str | float | bool


class Condition(BaseModel):
    """What a cell must satisfy; a missing cell satisfies nothing but `missing: true`.

    Attributes
    ----------
    any_of : the cell is one of these (written as a bare value or list)
    not_ : the cell is none of these
    at_least, at_most : inclusive limits of a number or a date; a date means the whole day
    under : the region path lies under this one
    missing : true: the cell is empty; false: it is not
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    any_of: tuple[Scalar, ...] | None = None
    not_: tuple[Scalar, ...] | None = Field(default=None, alias="not")
    at_least: Scalar | None = None
    at_most: Scalar | None = None
    under: str | None = None
    missing: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            value = {"any_of": value}
        elif "any_of" in value:
            raise ValueError("write the value itself, or a list of values")
        value = dict(value)
        for key in ("any_of", "not"):
            if key in value and not isinstance(value[key], list):
                value[key] = [value[key]]
        if not value or value.get("any_of") == [None]:
            raise ValueError("needs a value, a list, or one of at_least, at_most, not, under, missing")
        return value

    def mask(self, cells: pd.Series, zone: str) -> NDArray[np.bool_]:
        """Return (n,) whether each cell satisfies the condition."""
        present = cells.notna()
        holds = ~present if self.missing is True else present
        if self.any_of is not None:
            holds &= cells.isin([_typed(value, cells, zone) for value in self.any_of])
        if self.not_ is not None:
            holds &= ~cells.isin([_typed(value, cells, zone) for value in self.not_])
        if self.at_least is not None:
            holds &= cells >= _typed(self.at_least, cells, zone)
        if self.at_most is not None:
            limit = _typed(self.at_most, cells, zone)
            is_day = isinstance(limit, pd.Timestamp) and _is_day(self.at_most)
            holds &= cells < limit + timedelta(days=1) if is_day else cells <= limit
        if self.under is not None:
            regions = cells[present].unique()
            holds &= cells.isin([region for region in regions if lies_under(region, self.under)])
        return holds.to_numpy(bool)

    def faults(self, cells: pd.Series) -> Iterator[str]:
        """Yield what does not fit the column's type."""
        for value in (*(self.any_of or ()), *(self.not_ or ()), self.at_least, self.at_most):
            if value is None:
                continue
            try:
                _typed(value, cells, "UTC")
            except ValueError as error:
                yield str(error)
        is_text = isinstance(cells.dtype, pd.StringDtype)
        if is_text and (self.at_least is not None or self.at_most is not None):
            yield "at_least and at_most need a column of numbers or dates; this one is text"
        if self.under is not None and not is_text:
            yield "`under` needs a column of region paths"

    def sentence(self) -> str:
        """Return the condition in words, to follow the column's name."""
        words = []
        if self.any_of is not None:
            words.append(f"is {' or '.join(map(_word, self.any_of))}")
        if self.not_ is not None:
            words.append(f"is not {' or '.join(map(_word, self.not_))}")
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

    def sentence(self) -> str:
        """Return the filter in words, as `grade is A and stage is not negotiation`."""
        return " and ".join(f"{name} {part.sentence()}" for name, part in self.root.items())


def holds(where: Where, record: Mapping[str, Any], zone: str) -> bool:
    """Return whether one record satisfies a filter: the plain reading, for the checker."""
    return all(_holds(part, record[name], zone) for name, part in where.root.items())


def _holds(condition: Condition, cell: Any, zone: str) -> bool:
    if pd.isna(cell):
        return condition.missing is True
    if condition.missing is True:
        return False
    if condition.any_of is not None and not any(_equal(cell, v, zone) for v in condition.any_of):
        return False
    if condition.not_ is not None and any(_equal(cell, v, zone) for v in condition.not_):
        return False
    if condition.under is not None and not lies_under(cell, condition.under):
        return False
    low, high = condition.at_least, condition.at_most
    if low is not None and not cell >= _like(cell, low, zone):
        return False
    if high is None:
        return True
    limit = _like(cell, high, zone)
    return bool(cell < limit + timedelta(days=1) if _is_day(high) else cell <= limit)


def _equal(cell: Any, value: Scalar, zone: str) -> bool:
    return bool(cell == _like(cell, value, zone))


def _like(cell: Any, value: Scalar, zone: str) -> Any:
    """Return the policy's value as the type of a cell."""
    if isinstance(cell, datetime):
        moment = datetime.fromisoformat(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    return _word(value) if isinstance(cell, str) else float(value)


def _typed(value: Scalar, cells: pd.Series, zone: str) -> Any:
    if isinstance(cells.dtype, pd.StringDtype):
        return _word(value)
    if cells.dtype.kind == "M":
        try:
            moment = pd.Timestamp(str(value))
        except ValueError:
            raise ValueError(f"{value!r} is not a date, such as 2026-11-21") from None
        return moment if moment.tzinfo else moment.tz_localize(zone)
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"{value!r} is not a number, but the column holds numbers") from None


def _is_day(value: Scalar | None) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else number_text(value).replace(",", "")
