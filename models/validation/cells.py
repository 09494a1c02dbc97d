"""Reads the cells of one column into its type; every cell that cannot be read is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.columns import Column, Kind
from models.working_hours import parse_working_hours

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from numpy.typing import NDArray

    from models.validation.reporter import Reporter

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
INTEGER = r"^[+-]?\d+(\.0*)?$"
TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"
NOT_A_NUMBER = r"(?i)^[+-]?(nan|inf|infinity)$"
CONTROL = r"[\x00-\x1f\x7f]"
FIRST_YEAR, LAST_YEAR = 1900, 2200
FLAGS = {"0": 0, "1": 1, "false": 0, "true": 1}
UTC_TIME = pd.DatetimeTZDtype("us", "UTC")
MULTILINE = (Kind.TEXT,)


class CellReader:
    """Reads columns of one table.

    Parameters
    ----------
    reporter : where faults go
    as_of : the snapshot's time, UTC
    zone : IANA name of the zone in which times without an offset are read
    """

    def __init__(self, reporter: Reporter, as_of: datetime, zone: str) -> None:
        self.reporter, self.as_of, self.zone = reporter, as_of, zone
        self._read: dict[Kind, Callable[[Column, pd.Series], pd.Series]] = {
            Kind.NUMBER: self._numbers,
            Kind.INTEGER: self._numbers,
            Kind.FLAG: self._flags,
            Kind.TIME: self._times,
            Kind.PATH: self._paths,
            Kind.PATHS: self._paths,
            Kind.TIME_ZONE: self._time_zones,
            Kind.WORKING_HOURS: self._working_hours,
        }

    def read(self, column: Column, cells: pd.Series) -> pd.Series:
        """Return the typed column: float64, datetime64[us, UTC] or str; missing cells are NaN."""
        if column.kind in (Kind.NUMBER, Kind.INTEGER, Kind.FLAG) and _is_numeric(cells):
            typed = self._check_numbers(column, cells.astype("float64"), cells.isna().to_numpy())
        elif column.kind is Kind.TIME and pd.api.types.is_datetime64_any_dtype(cells):
            typed = self._check_times(column, self._localized(cells))
        else:
            text = self._text(column, cells)
            typed = self._read.get(column.kind, _unchanged)(column, text)
        if column.required and column.kind is not Kind.PATHS:
            code = "missing_id" if column.kind is Kind.ID else "missing_value"
            self.reporter.cells(code, column.name, self._is_empty(cells))
        return typed

    def _text(self, column: Column, cells: pd.Series) -> pd.Series:
        """Return cells as trimmed `str` with NaN for empty."""
        if not isinstance(cells.dtype, pd.StringDtype):
            cells = self._from_other_type(column, cells)
        stripped = cells.str.strip()
        padded = ((stripped != cells) & cells.notna() & (stripped != "")).to_numpy(bool)
        if padded.any():
            self.reporter.cells("padded_value", column.name, padded, cells)
        text = stripped.mask(stripped == "")
        allowed = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]" if column.kind in MULTILINE else CONTROL
        self.reporter.cells("control_character", column.name, _matches(text, allowed), text)
        return text

    def _from_other_type(self, column: Column, cells: pd.Series) -> pd.Series:
        """Return the text of cells that are not text: whole numbers and times have one, lists too."""
        present = cells.dropna()
        if pd.api.types.is_bool_dtype(cells.dtype):
            return cells.map({True: "1", False: "0"}).astype("str")
        if pd.api.types.is_datetime64_any_dtype(cells):
            return cells.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").astype("str")
        if pd.api.types.is_numeric_dtype(cells):
            whole = (present == np.floor(present)).all() and bool(np.isfinite(present).all())
            if whole:
                return cells.astype("Int64").astype("str")
        texts = cells.map(_as_text, na_action="ignore")
        wrong = texts.isna().to_numpy() & cells.notna().to_numpy()
        self.reporter.cells("wrong_type", column.name, wrong, cells, allowed=column.kind.value)
        return texts.astype("str")

    @staticmethod
    def _is_empty(cells: pd.Series) -> NDArray[np.bool_]:
        empty = cells.isna().to_numpy()
        if isinstance(cells.dtype, pd.StringDtype):
            empty = empty | (cells.str.strip() == "").to_numpy(bool, na_value=False)
        return empty

    def _numbers(self, column: Column, text: pd.Series) -> pd.Series:
        present = text.notna().to_numpy()
        not_finite = _matches(text, NOT_A_NUMBER)
        good = _matches(text, NUMBER)
        self.reporter.cells("not_finite", column.name, not_finite, text)
        self.reporter.cells("not_a_number", column.name, present & ~good & ~not_finite, text)
        values = pc.cast(pa.array(text.where(good), pa.large_string()), pa.float64())
        numbers = pd.Series(values.to_numpy(zero_copy_only=False), index=text.index)
        return self._check_numbers(column, numbers, ~good, text)

    def _check_numbers(
        self,
        column: Column,
        numbers: pd.Series,
        unread: NDArray[np.bool_],
        text: pd.Series | None = None,
    ) -> pd.Series:
        shown = numbers if text is None else text
        read = ~unread
        infinite = read & ~np.isfinite(numbers.to_numpy())
        self.reporter.cells("not_finite", column.name, infinite, shown)
        outside = ((numbers < column.least) | (numbers > column.most)).to_numpy()
        self.reporter.cells(
            "out_of_range", column.name, outside & ~infinite, shown, allowed=_range(column)
        )
        if column.kind is Kind.INTEGER:
            fraction = (numbers != np.floor(numbers)).to_numpy() & read & ~infinite
            self.reporter.cells("not_an_integer", column.name, fraction, shown)
        if column.kind is Kind.FLAG:
            neither = read & ~numbers.isin([0, 1]).to_numpy()
            self.reporter.cells("not_a_flag", column.name, neither, shown)
        return numbers

    def _flags(self, column: Column, text: pd.Series) -> pd.Series:
        flags = text.str.lower().map(FLAGS).astype("float64")
        self.reporter.cells(
            "not_a_flag", column.name, (flags.isna() & text.notna()).to_numpy(), text
        )
        return flags

    def _times(self, column: Column, text: pd.Series) -> pd.Series:
        """Return instants; a date as the end of an absence means the end of that day."""
        good = _matches(text, TIME)
        with_offset = good & _matches(text, OFFSET) & ~_matches(text, DATE)
        instants = pd.Series(pd.NaT, index=text.index, dtype=UTC_TIME)
        aware = pd.to_datetime(text[with_offset], format="ISO8601", utc=True, errors="coerce")
        instants[with_offset] = aware.astype(UTC_TIME)
        plain = good & ~with_offset
        local = pd.to_datetime(text[plain], format="ISO8601", errors="coerce")
        instants[plain] = self._localized(local.astype("datetime64[us]"))
        if column.name == "ends":
            whole_day = _matches(text, DATE)
            instants[whole_day] += pd.Timedelta(days=1)
        unread = (instants.isna() & text.notna()).to_numpy()
        self.reporter.cells("not_a_time", column.name, unread, text)
        return self._check_times(column, instants, text)

    def _localized(self, times: pd.Series) -> pd.Series:
        if times.dt.tz is None:
            times = times.dt.tz_localize(
                ZoneInfo(self.zone), ambiguous=np.ones(len(times), bool), nonexistent="shift_forward"
            )
        return times.dt.tz_convert("UTC").astype(UTC_TIME)

    def _check_times(
        self, column: Column, times: pd.Series, text: pd.Series | None = None
    ) -> pd.Series:
        shown = times if text is None else text
        years = times.dt.year
        strange = ((years < FIRST_YEAR) | (years > LAST_YEAR)).to_numpy()
        self.reporter.cells("not_a_time", column.name, strange, shown)
        if column.past:
            late = (times > pd.Timestamp(self.as_of)).to_numpy() & ~strange
            allowed = f"at most {self.as_of:%Y-%m-%d %H:%M} UTC"
            self.reporter.cells("date_after_as_of", column.name, late, shown, allowed=allowed)
        return times

    def _paths(self, column: Column, text: pd.Series) -> pd.Series:
        separator = ";" if column.kind is Kind.PATHS else None
        self._check_distinct(column, text, "bad_path", lambda cell: _is_path(cell, separator))
        return text

    def _time_zones(self, column: Column, text: pd.Series) -> pd.Series:
        self._check_distinct(column, text, "bad_time_zone", available_timezones().__contains__)
        return text

    def _working_hours(self, column: Column, text: pd.Series) -> pd.Series:
        self._check_distinct(column, text, "bad_working_hours", _are_working_hours)
        return text

    def _check_distinct(
        self, column: Column, text: pd.Series, code: str, is_good: Callable[[str], bool]
    ) -> None:
        bad = [value for value in text.dropna().unique() if not is_good(value)]
        self.reporter.cells(code, column.name, text.isin(bad).to_numpy(), text)


def _unchanged(_: Column, text: pd.Series) -> pd.Series:
    return text


def _is_numeric(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def _matches(text: pd.Series, pattern: str) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(pa.array(text, pa.large_string(), from_pandas=True), pattern)
    return pc.fill_null(found, False).to_numpy(zero_copy_only=False)


def _as_text(value: object) -> str | None:
    """Return text as it is, a list joined by ;, None for anything else."""
    if isinstance(value, (list, tuple, np.ndarray)):
        parts = [str(part) for part in value]
        return ";".join(parts)
    return value if isinstance(value, str) else None


def _range(column: Column) -> str:
    if np.isfinite(column.most):
        return f"{column.least:g} to {column.most:g}"
    return f"at least {column.least:g}"


def _is_path(cell: str, separator: str | None) -> bool:
    paths = cell.split(separator) if separator else [cell]
    return all(part.strip() for path in paths for part in path.split("/"))


def _are_working_hours(cell: str) -> bool:
    try:
        parse_working_hours(cell)
    except ValueError:
        return False
    return True
