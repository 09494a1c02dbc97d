"""The days on which a replay plans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from models.errors import UsageError

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from scenarios.replay.deals import Deals

ONE_DAY = timedelta(days=1)


def starts_of(
    snapshot: Snapshot, deals: Deals, first: date | None, last: date | None, every: timedelta
) -> list[pd.Timestamp]:
    """Return the beginnings of days, in the company's zone, on which plans are made.

    Parameters
    ----------
    first : the first Monday after something had closed if not given
    last : no day is later; when the tables end if not given
    every : whole days between them

    Raises
    ------
    UsageError : no day is left, nothing had closed before the first, or `every` is no whole days
    """
    if every < ONE_DAY or every % ONE_DAY:
        raise UsageError(f"--every is {every}; it must be whole days or weeks, at least 1 day")
    zone = snapshot.header.timezone
    earliest = deals.table["closed_on"].min()
    if pd.isna(earliest):
        raise UsageError("no deal that tells when it began has closed; there is nothing to replay")
    day = earliest.tz_convert(zone).date()
    first = first or day + timedelta(days=7 - day.weekday())
    end = snapshot.as_of.astimezone(earliest.tz_convert(zone).tzinfo).date()
    last = end if last is None else min(last, end)
    if first > last:
        raise UsageError(f"the replay would begin on {first} and end on {last}; choose other days")
    if first <= day:
        raise UsageError(
            f"nothing had closed before {first}, so there is nothing to learn from; "
            f"begin after {day}"
        )
    days = [first + number * every for number in range((last - first) // every + 1)]
    # Midnight on the wall clock, also where clocks have changed in between.
    return [pd.Timestamp(day).tz_localize(zone) for day in days]
