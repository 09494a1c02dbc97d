"""Quantities as people write them: shares with %, lengths of time."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

SHARE = re.compile(r"\s*([+-]?[0-9]+(?:\.[0-9]+)?)\s*%\s*")
DURATION = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(hour|day|week)s?\s*")
HOURS = {"hour": 1, "day": 24, "week": 168}
LONGEST_HOURS = 1e6
"""A century; timedelta itself refuses much longer ones with an error of its own."""


def parse_share(value: Any) -> float:
    """Return `15%` as 0.15.

    Raises
    ------
    ValueError : no % sign; a bare 0.15 could mean 15 % or 0.15 %, so it is refused

    >>> parse_share("15%")
    0.15
    """
    if isinstance(value, str) and (match := SHARE.fullmatch(value)):
        share = float(match[1]) / 100
        if math.isfinite(share):
            return share
    raise ValueError("a share is written with a percent sign, such as 15%")


def parse_duration(value: Any) -> timedelta:
    """Return `2 weeks` as a timedelta.

    Raises
    ------
    ValueError : not a number of hours, days or weeks, or over a century

    >>> parse_duration("1 week").days
    7
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        hours = float(match[1]) * HOURS[match[2]]
        if hours <= LONGEST_HOURS:
            return timedelta(hours=hours)
    raise ValueError(
        "a length of time is a number of hours, days or weeks, such as 2 weeks; "
        f"at most {LONGEST_HOURS // 24:,.0f} days"
    )


def _share(value: Any) -> float:
    share = parse_share(value)
    if share < 0:
        raise ValueError("a share must not be negative")
    return share


def _part(value: Any) -> float:
    share = _share(value)
    if share > 1:
        raise ValueError("this share must not be above 100%")
    return share


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""A finite number, written as one: neither text nor true."""
Share = Annotated[float, BeforeValidator(_share)]
"""A share of at least 0 %, written with a percent sign."""
Part = Annotated[float, BeforeValidator(_part)]
"""A share between 0 % and 100 %, written with a percent sign."""
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A length of time, such as `1 week`."""


def share_text(share: float) -> str:
    """Return 0.15 as `15 %`."""
    return f"{share * 100:.10g} %"


def days_text(length: timedelta) -> str:
    """Return a length of time as `90 days`, or `1 day`."""
    days = length.total_seconds() / 86_400
    return f"{number_text(days)} day{'' if days == 1 else 's'}"


def number_text(value: float) -> str:
    """Return a number without needless zeros, thousands divided: 1,200 or 0.5."""
    return f"{value:,.15g}"


def plain_number(value: float) -> str:
    """Return a number as a table would hold it: 1200 or 0.5."""
    return str(value) if isinstance(value, int) else f"{value:.15g}"
