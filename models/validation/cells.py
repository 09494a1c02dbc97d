"""Reads the cells of one column into its type; every cell that cannot be read is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from models.cell_text import EXACT_FLOAT, cell_text
from models.columns import EVERYTHING, Column, Kind
from models.lists import split_list, split_path
from models.snapshot import known_zones
from models.validation.matching import is_present, matches, only, to_mask, to_text
from models.validation.times import TimeReader
from models.working_hours import parse_working_hours

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from numpy.typing import NDArray

    from models.validation.matching import Text
    from models.validation.reporter import Reporter

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
NOT_A_NUMBER = r"(?i)^[+-]?(nan|inf|infinity)$"
# Zero-width and text-direction signs make two ids that look alike differ.
INVISIBLE = r"\x7f-\x{9f}\x{200b}\x{2060}\x{feff}\x{202a}-\x{202e}\x{2066}-\x{2069}"
CONTROL = rf"[\x00-\x1f{INVISIBLE}]"
CONTROL_IN_PROSE = rf"[\x00-\x08\x0b\x0c\x0e-\x1f{INVISIBLE}]"
OTHER_DIVIDERS = r"^[^;]*[,|][^;]*$"
YES, NO = r"(?i)^(1|1\.0|true)$", r"(?i)^(0|0\.0|false)$"
NUMERIC = (Kind.NUMBER, Kind.INTEGER, Kind.FLAG)
LISTS = (Kind.LIST, Kind.PATHS)


class CellReader:
    """Reads columns of one table.

    Parameters
    ----------
    reporter : where faults go
    as_of : the snapshot's time, UTC
    zone : IANA name of the zone in which times without an offset are read
    """

    def __init__(self, reporter: Reporter, as_of: datetime, zone: str) -> None:
        self.reporter = reporter
        self.times = TimeReader(reporter, as_of, zone)

    def read(self, column: Column, cells: pd.Series) -> pd.Series:
        """Return the typed column: float64, datetime64[us, UTC] or str; missing cells are NaN."""
        if column.kind in NUMERIC and _is_numeric(cells):
            missing = cells.isna().to_numpy()
            typed = self._checked_numbers(column, cells.to_numpy("float64", na_value=np.nan), cells)
        elif column.kind is Kind.TIME and pd.api.types.is_datetime64_any_dtype(cells):
            missing = cells.isna().to_numpy()
            typed = self.times.from_instants(column, cells)
        else:
            texts, is_wrong = _texts(column, cells)
            allowed = "text" if column.kind in (Kind.ID, Kind.TEXT) else column.kind.value
            self.reporter.cells("wrong_type", column.name, is_wrong, cells, allowed=allowed)
            text = self._cleaned(column, texts)
            missing = ~is_present(text) & ~is_wrong
            typed = self._from_text(column, text)
        if column.required and column.kind is not Kind.PATHS:
            code = "missing_id" if column.kind is Kind.ID else "missing_value"
            self.reporter.cells(code, column.name, missing)
        return typed

    def _cleaned(self, column: Column, texts: pd.Series) -> Text:
        """Return texts without spaces around them; empty ones are missing."""
        text = to_text(texts)
        stripped = pc.utf8_trim_whitespace(text)
        padded = to_mask(pc.not_equal(stripped, text))
        self.reporter.cells("padded_value", column.name, padded, texts)
        control = CONTROL_IN_PROSE if column.kind is Kind.TEXT else CONTROL
        self.reporter.cells("control_character", column.name, matches(stripped, control), texts)
        return only(stripped, to_mask(pc.not_equal(stripped, "")))

    def _from_text(self, column: Column, text: Text) -> pd.Series:
        if column.kind is Kind.FLAG:
            return self._flags(column, text)
        if column.kind in NUMERIC:
            return self._numbers(column, text)
        if column.kind is Kind.TIME:
            return self.times.from_text(column, text)
        if column.kind in LISTS:
            self._report("undivided_list", column, matches(text, OTHER_DIVIDERS), text)
        if column.kind in TEXT_RULES:
            code, is_good = TEXT_RULES[column.kind]
            bad = [cell for cell in pc.unique(text).to_pylist() if cell and not is_good(cell)]
            is_bad = to_mask(pc.is_in(text, pa.array(bad, pa.large_string())))
            self._report(code, column, is_bad, text)
            if column.kind is Kind.PATH:
                # Else the region would be called uncovered as well.
                text = only(text, ~is_bad)
        return _to_pandas(text)

    def _report(self, code: str, column: Column, faulty: NDArray[np.bool_], text: Text) -> None:
        if faulty.any():
            self.reporter.cells(code, column.name, faulty, _to_pandas(text))

    def _numbers(self, column: Column, text: Text) -> pd.Series:
        good = matches(text, NUMBER)
        not_finite = matches(text, NOT_A_NUMBER)
        self._report("not_finite", column, not_finite, text)
        self._report("not_a_number", column, is_present(text) & ~good & ~not_finite, text)
        numbers = np.array(pc.cast(only(text, good), pa.float64()), dtype="float64")
        return self._checked_numbers(column, numbers, _to_pandas(text))

    def _checked_numbers(
        self, column: Column, numbers: NDArray[np.float64], shown: pd.Series
    ) -> pd.Series:
        """Return numbers after reporting those that are not finite, whole or in the range."""
        finite = np.isfinite(numbers)
        self.reporter.cells("not_finite", column.name, np.isinf(numbers), shown)
        outside = finite & ((numbers < column.least) | (numbers > column.most))
        are_per_cents = column.most == 1 and outside.any() and numbers[outside].max() > 1
        self.reporter.cells(
            "out_of_range",
            column.name,
            outside,
            shown,
            allowed=allowed_range(column),
            fix="Divide per cents by 100." if are_per_cents else "",
        )
        if column.kind is Kind.INTEGER:
            is_part = finite & (numbers != np.floor(numbers))
            self.reporter.cells("not_an_integer", column.name, is_part, shown)
        if column.kind is Kind.FLAG:
            neither = finite & (numbers != 0) & (numbers != 1)
            self.reporter.cells("not_a_flag", column.name, neither, shown)
        return pd.Series(numbers)

    def _flags(self, column: Column, text: Text) -> pd.Series:
        is_yes, is_no = matches(text, YES), matches(text, NO)
        self._report("not_a_flag", column, is_present(text) & ~is_yes & ~is_no, text)
        return pd.Series(np.where(is_yes, 1.0, np.where(is_no, 0.0, np.nan)))


def allowed_range(column: Column) -> str:
    """Return the closed range of a column's numbers in words; "" if it has none."""
    least, most = (f"{limit:g}".replace("e+", "e") for limit in (column.least, column.most))
    if np.isfinite(column.most):
        return f"{least} to {most}"
    return f"at least {least}" if np.isfinite(column.least) else ""


def _is_numeric(cells: pd.Series) -> bool:
    is_real = pd.api.types.is_integer_dtype(cells) or pd.api.types.is_float_dtype(cells)
    return bool(is_real)


def _to_pandas(text: Text) -> pd.Series:
    series: pd.Series = text.to_pandas()
    return series.astype("str")


def _texts(column: Column, cells: pd.Series) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Return cells as text, NaN for missing ones, and which of them are no text."""
    if isinstance(cells.dtype, pd.StringDtype) or pd.api.types.is_integer_dtype(cells):
        return cells.astype("str"), np.zeros(len(cells), bool)
    if pd.api.types.is_float_dtype(cells):
        numbers = cells.to_numpy("float64", na_value=np.nan)
        present = numbers[~np.isnan(numbers)]
        if (present == np.floor(present)).all() and (abs(present) < EXACT_FLOAT).all():
            return cells.astype("Int64").astype("str"), np.zeros(len(cells), bool)
    may_be_list = column.kind in LISTS
    texts = [cell_text(value, may_be_list=may_be_list) for value in cells.astype("object")]
    series = pd.Series(texts, index=cells.index, dtype="str")
    return series, np.array([text is None for text in texts], dtype=bool)


def _is_path(cell: str) -> bool:
    parts = split_path(cell)
    return all(parts) and EVERYTHING not in parts


def _are_paths(cell: str) -> bool:
    paths = split_list(cell)
    return bool(paths) and all(path == EVERYTHING or _is_path(path) for path in paths)


def _are_working_hours(cell: str) -> bool:
    try:
        parse_working_hours(cell)
    except ValueError:
        return False
    return True


def _is_time_zone(cell: str) -> bool:
    return cell in known_zones()


TEXT_RULES: dict[Kind, tuple[str, Callable[[str], bool]]] = {
    Kind.PATH: ("bad_path", _is_path),
    Kind.PATHS: ("bad_path", _are_paths),
    Kind.TIME_ZONE: ("bad_time_zone", _is_time_zone),
    Kind.WORKING_HOURS: ("bad_working_hours", _are_working_hours),
}
