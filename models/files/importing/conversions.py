"""Converts cells to the unit and the notation of their column: each a function of one text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from models.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from models.columns import Column
    from models.files.mapping import Recipe

    Convert = Callable[[str], str | None]
    """Returns the converted text, or None where the text cannot be read."""

HOURS = {
    "seconds": Fraction(1, 3600),
    "minutes": Fraction(1, 60),
    "hours": Fraction(1),
    "days": Fraction(8),  # working days
    "full-time": Fraction(40),  # a share of a full-time post
}
MONEY = {
    "cents": Fraction(1, 100),
    "thousands": Fraction(1_000),
    "millions": Fraction(1_000_000),
}
SHARE = {"percent": Fraction(1, 100)}
SINCE_1970 = {"epoch seconds": Fraction(1), "epoch milliseconds": Fraction(1, 1_000)}
UNITS_OF_COLUMN = {
    "effort_hours": HOURS,
    "capacity_hours": HOURS,
    "base_hours": HOURS,
    "amount": MONEY,
    "quota": MONEY,
    "win_probability": SHARE,
}
DIVIDED = {Kind.PATH: "/", Kind.PATHS: ";", Kind.LIST: ";"}
"""What stands between the parts of a cell in our tables."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
NUMBER_FORMAT = re.compile(r"1(?P<group>[., ']?)234(?P<point>[.,])56")
LARGEST_EXPONENT = 308
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIME_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
    "AM": r"(?P<half>[AaPp])[Mm]",
}


def units(column: Column) -> Mapping[str, Fraction]:
    """Return the units that a column can be converted from, and what one is worth in its own."""
    return SINCE_1970 if column.kind is Kind.TIME else UNITS_OF_COLUMN.get(column.name, {})


def conversions(column: Column, recipe: Recipe) -> Iterator[Convert]:
    """Yield the conversions that a recipe asks for, in order.

    Raises
    ------
    ValueError : a divider, format or unit does not fit the column; the text says what would
    """
    if recipe.divided_by is not None:
        yield _dividing(column, recipe.divided_by)
    if recipe.format is not None:
        yield _formatted(column, recipe.format)
    if recipe.unit is not None:
        yield _in_unit(column, recipe.unit)


def _dividing(column: Column, divider: str) -> Convert:
    if column.kind not in DIVIDED:
        raise ValueError("`divided_by` is for lists and region paths")
    own = DIVIDED[column.kind]

    def convert(text: str) -> str | None:
        return text.replace(divider, own) if own == divider or own not in text else None

    return convert


def _formatted(column: Column, example: str) -> Convert:
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        return _number_reader(example)
    if column.kind is Kind.TIME:
        return _time_reader(example)
    raise ValueError("`format` is for numbers and times")


def _in_unit(column: Column, unit: str) -> Convert:
    known = units(column)
    if unit not in known:
        allowed = f"one of {', '.join(known)}" if known else f"{column.name} has no unit"
        raise ValueError(allowed)
    if column.kind is Kind.TIME:
        return lambda text: _since_1970(text, known[unit])
    return lambda text: _times(text.removesuffix("%") if unit == "percent" else text, known[unit])


def _number_reader(example: str) -> Convert:
    """Return a reader of numbers written as 1,234.56 is in the example."""
    match = NUMBER_FORMAT.fullmatch(example)
    if match is None or match["group"] == match["point"]:
        raise ValueError("write 1234.56 as the source would: 1,234.56 or 1.234,56 or 1 234,56")
    group, point = match["group"], match["point"]
    # Spreadsheets write the thousands' space as a no-break or a narrow no-break space.
    separator = "[ \u00a0\u202f]" if group == " " else re.escape(group)
    whole = rf"\d{{1,3}}(?:{separator}\d{{3}})+|\d+" if group else r"\d+"
    pattern = re.compile(rf"([+-]?)({whole})(?:{re.escape(point)}(\d+))?")

    def convert(text: str) -> str | None:
        if (found := pattern.fullmatch(text.strip())) is None:
            return None
        sign, digits, fraction = found.groups()
        digits = re.sub(r"\D", "", digits)
        return f"{sign}{digits}.{fraction}" if fraction else f"{sign}{digits}"

    return convert


def _time_reader(example: str) -> Convert:
    """Return a reader of times written in a notation such as DD.MM.YYYY hh:mm."""
    parts = re.findall("|".join(TIME_PARTS), example)
    if len(set(parts)) < len(parts) or not {"YYYY", "MM", "DD"} <= set(parts):
        raise ValueError("a time has YYYY, MM and DD, perhaps hh, mm, ss and AM, each once")
    if ("mm" in parts) != ("hh" in parts) or ({"ss", "AM"} & set(parts) and "hh" not in parts):
        raise ValueError("hours and minutes go together; ss and AM need them")
    pieces = re.split(f"({'|'.join(TIME_PARTS)})", example)
    pattern = re.compile("".join(TIME_PARTS.get(piece, re.escape(piece)) for piece in pieces))

    def convert(text: str) -> str | None:
        found = pattern.fullmatch(text.strip())
        return _iso_time(found.groupdict()) if found else None

    return convert


def _iso_time(part: Mapping[str, str]) -> str | None:
    """Return the parts of a time as ISO 8601 text; None if there is no such time."""
    hour = int(part.get("hour", 0))
    if half := part.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "Pp" else 0)
    day = (int(part["year"]), int(part["month"]), int(part["day"]))
    clock = (hour, int(part.get("minute", 0)), int(part.get("second", 0)))
    try:
        time = datetime(*day, *clock, tzinfo=UTC)
    except ValueError:
        return None
    # No zone is written: the table's reader takes the company's.
    return time.replace(tzinfo=None).isoformat() if "hour" in part else time.date().isoformat()


def _since_1970(text: str, seconds: Fraction) -> str | None:
    if not re.fullmatch(r"-?\d{1,15}", text.strip()):
        return None
    try:
        time = EPOCH + timedelta(microseconds=int(int(text) * seconds * 1_000_000))
    except OverflowError:
        return None
    return time.isoformat().replace("+00:00", "Z")


def _times(text: str, factor: Fraction) -> str | None:
    """Return a number times a factor, rounded once, to the nearest float."""
    if not NUMBER.fullmatch(text.strip()):
        return None
    number = Decimal(text.strip())
    # A larger one would fill the memory with digits before it is found to be infinite.
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        return None
    try:
        product = float(Fraction(number) * factor)
    except OverflowError:
        return None
    return repr(product).removesuffix(".0")
