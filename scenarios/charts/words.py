"""Numbers and names as a chart says them: 1.2 M USD, six of 40, a name cut where it is too long."""

from __future__ import annotations

import math

SIZES = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
SIGNIFICANT = 3
WORDS = (
    "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
LONGEST_NAME, HEAD = 28, 16
NO_NAME = "(none)"
MONEY = "money"


def short(value: float) -> str:
    """Return a number with three significant digits: 1.23 M, 45 k or 0.5.

    >>> short(1_234_567), short(999_999), short(45), short(0.1234)
    ('1.23 M', '1 M', '45', '0.123')
    """
    rounded = float(f"{value:.{SIGNIFICANT}g}")
    for size, letter in SIZES:
        if abs(rounded) >= size:
            return f"{_plain(rounded / size)} {letter}"
    return _plain(rounded)


def _plain(value: float) -> str:
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quantity(value: float, unit: str, currency: str = "") -> str:
    """Return a number with its unit; `money` stands for the currency: 120 hours, 1.2 M USD."""
    if unit == MONEY:
        return f"{short(value)} {currency}".rstrip()
    text = short(value)
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}".rstrip()


def counted(number: int, noun: str) -> str:
    """Return how many there are of something: 1 rep, 1,000 reps."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def word(number: int) -> str:
    """Return a small number as a word, none for 0; a larger one in digits."""
    return WORDS[number] if 0 <= number < len(WORDS) else f"{number:,}"


def part_of(number: int, total: int, noun: str) -> str:
    """Return some of all: three of 40 reps, all 40 reps, the only rep."""
    if number == total:
        return f"the only {noun}" if total == 1 else f"all {counted(total, noun)}"
    return f"{word(number)} of {counted(total, noun)}"


def verb(number: int) -> str:
    """Return what stands after so many: is or are."""
    return "is" if number in (0, 1) else "are"


def sentence(text: str) -> str:
    """Return a text with its first letter a capital."""
    return text[:1].upper() + text[1:]


def percent(share: float) -> str:
    """Return a share for people; what is not quite whole is not rounded to it.

    >>> percent(0.381), percent(0.0123), percent(0.9996), percent(1.0)
    ('38 %', '1.2 %', '99.9 %', '100 %')
    """
    value = share * 100
    if 99 < value < 100:
        return f"{math.floor(value * 10) / 10:.1f} %"
    return f"{value:,.0f} %" if abs(value) >= 10 else f"{_plain(float(f'{value:.2g}'))} %"


def difference(value: float, base: float) -> str:
    """Return how far a value lies from another: 8 % above, 3 % below, or `level with` it."""
    if base <= 0:
        return "above" if value > base else "below" if value < base else "level with"
    share = value / base - 1
    if abs(share) < 5e-5:
        return "level with"
    return f"{percent(abs(share))} {'above' if share > 0 else 'below'}"


def name_text(name: object) -> str:
    """Return a name in one line, cut in its middle where it is too long.

    >>> name_text("Australia and New Zealand (AU-VIC) 2")
    'Australia and Ne… (AU-VIC) 2'
    """
    text = " ".join(str(name).split()) or NO_NAME
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[:HEAD]}…{text[HEAD + 1 - LONGEST_NAME :]}"
