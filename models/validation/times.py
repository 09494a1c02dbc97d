"""Reads dates and times into UTC; a local time that comes twice or never is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from models.snapshot import FIRST_YEAR, LAST_YEAR
from models.validation.matching import is_present, matches

if TYPE_CHECKING:
    from datetime import datetime

    from numpy.typing import NDArray

    from models.columns import Column
    from models.validation.matching import Text
    from models.validation.reporter import Reporter

DATE = r"^\d{4}-\d{2}-\d{2}$"
TIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$"
OFFSET = r":\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$"
UTC_TIME = pd.DatetimeTZDtype("us", "UTC")
LAST_DAY = "ends"
"""The column in which a date means the end of that day."""


class TimeReader:
    """Reads the columns of one table that hold dates and times.

    Parameters
    ----------
    reporter : where faults go
    as_of : the snapshot's time, UTC
    zone : IANA name of the zone in which dates, and times without an offset, are read
    """

    def __init__(self, reporter: Reporter, as_of: datetime, zone: str) -> None:
        self.reporter, self.as_of, self.zone = reporter, as_of, ZoneInfo(zone)

    def from_text(self, column: Column, text: Text) -> pd.Series:
        """Return text as datetime64[us, UTC]."""
        good = matches(text, TIME)
        is_aware = good & matches(text, OFFSET)
        shown: pd.Series = text.to_pandas().astype("str")
        instants = pd.Series(pd.NaT, index=shown.index, dtype=UTC_TIME)
        if is_aware.any():
            aware = pd.to_datetime(
                shown[is_aware], format="ISO8601", utc=True, errors="coerce"
            ).astype(UTC_TIME)
            instants[is_aware] = aware.mask(_is_far(aware))
        if (is_local := good & ~is_aware).any():
            local = pd.to_datetime(shown.where(is_local), format="ISO8601", errors="coerce")
            is_date = good & matches(text, DATE)
            instants = instants.fillna(self._localized(column, local, is_date, shown))
        unread = instants.isna().to_numpy() & is_present(text)
        self.reporter.cells("not_a_time", column.name, unread, shown)
        return self._checked(column, instants, shown)

    def from_instants(self, column: Column, times: pd.Series) -> pd.Series:
        """Return times that are typed already, with or without a zone, as datetime64[us, UTC].

        Where every time of a column without a zone is midnight, the column holds dates, which is
        also how pandas writes such a column into a CSV file.
        """
        is_far = _is_far(times)
        self.reporter.cells("not_a_time", column.name, is_far, times)
        near = times.mask(is_far).dt.as_unit("us")
        if near.dt.tz is None:
            are_dates = bool((near.dropna() == near.dropna().dt.normalize()).all())
            instants = self._localized(column, near, np.full(len(near), are_dates), times)
        else:
            instants = near.dt.tz_convert("UTC").astype(UTC_TIME)
        return self._checked(column, instants, times)

    def _localized(
        self, column: Column, local: pd.Series, is_date: NDArray[np.bool_], shown: pd.Series
    ) -> pd.Series:
        """Return local times as instants; days are counted on the wall, where clocks change."""
        local = local.mask(_is_far(local)).dt.as_unit("us")
        if column.name == LAST_DAY:
            local = local.mask(is_date, local + pd.Timedelta(days=1))
        instants = local.dt.tz_localize(self.zone, ambiguous="NaT", nonexistent="NaT")
        unclear = (instants.isna() & local.notna()).to_numpy()
        if unclear.any():
            is_summer = np.ones(int(unclear.sum()), bool)
            instants[unclear] = local[unclear].dt.tz_localize(
                self.zone, ambiguous=is_summer, nonexistent="shift_forward"
            )
            self.reporter.cells("unclear_time", column.name, unclear & ~is_date, shown)
        in_utc: pd.Series = instants.dt.tz_convert("UTC").astype(UTC_TIME)
        return in_utc

    def _checked(self, column: Column, instants: pd.Series, shown: pd.Series) -> pd.Series:
        if column.past:
            is_late = (instants > pd.Timestamp(self.as_of)).to_numpy()
            allowed = f"at most {self.as_of:%Y-%m-%d %H:%M} UTC"
            self.reporter.cells("date_after_as_of", column.name, is_late, shown, allowed=allowed)
        return instants


def _is_far(times: pd.Series) -> NDArray[np.bool_]:
    years = times.dt.year
    return np.asarray((years < FIRST_YEAR) | (years > LAST_YEAR), bool)
