"""What a chart says beside its numbers: the currency and the period that they are of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scenarios.charts.words import MONEY, quantity

if TYPE_CHECKING:
    from datetime import date

    from models.plan import PlanRecord

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class Context:
    """Where the numbers of a chart come from.

    Attributes
    ----------
    currency : of all money
    period : the days that the plan is of, for people; empty where a chart is of no period
    """

    currency: str
    period: str = ""

    def told(self, value: float, unit: str = MONEY) -> str:
        """Return a number with its unit; money stands for the currency."""
        return quantity(value, unit, self.currency)

    def unit_title(self, unit: str) -> str | None:
        """Return what stands at an axis of a unit; None for a plain number."""
        return (self.currency if unit == MONEY else unit) or None

    def of_period(self, text: str) -> str:
        """Return what is measured, with the period where there is one."""
        return f"{text}, {self.period}" if self.period else text


def context_of(record: PlanRecord) -> Context:
    """Return the context of a plan, its days told as the company's own time zone has them."""
    zone = ZoneInfo(record.timezone)
    first = record.starts.astimezone(zone).date()
    # A period ends at the midnight after its last day.
    last = (record.ends.astimezone(zone) - timedelta(microseconds=1)).date()
    return Context(record.currency, days(first, last))


def days(first: date, last: date) -> str:
    """Return a run of days in words, nothing said twice: 23 to 29 November 2026."""
    end = f"{last.day} {MONTHS[last.month - 1]} {last.year}"
    if first == last:
        return end
    begin = [str(first.day)]
    if (first.month, first.year) != (last.month, last.year):
        begin.append(MONTHS[first.month - 1])
    if first.year != last.year:
        begin.append(str(first.year))
    return f"{' '.join(begin)} to {end}"
