"""Tables and figures as Markdown that also reads well as plain text."""

from __future__ import annotations

import textwrap

NOTHING = "-"
WIDTH = 100


def table(header: list[str], rows: list[list[str]], align: str) -> str:
    """Return a Markdown table with padded columns.

    Parameters
    ----------
    align : "l" or "r" for each column
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * (width - 1) + (":" if side == "r" else "-")
            for width, side in zip(widths, align, strict=True)]  # fmt: skip
    return "\n".join(_line(row, widths, align) for row in (header, rule, *rows)) + "\n"


def _line(row: list[str], widths: list[int], align: str) -> str:
    padded = [
        text.rjust(width) if side == "r" else text.ljust(width)
        for text, width, side in zip(row, widths, align, strict=True)
    ]
    return f"| {' | '.join(padded)} |"


def percent(share: float | None, *, signed: bool = False) -> str:
    """Return a share as per cent with three digits.

    >>> percent(0.000123), percent(0.01, signed=True), percent(None)
    ('0.012 %', '+1.000 %', '-')
    """
    if share is None:
        return NOTHING
    value = round(100 * share, 3) + 0.0
    return f"{value:+,.3f} %" if signed and value else f"{value:,.3f} %"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators.

    >>> number(1234567.8), number(None)
    ('1,234,568', '-')
    """
    return NOTHING if value is None else f"{value:,.{digits}f}"


def paragraph(text: str) -> str:
    """Return a text in lines of readable length; those of a list's item are indented."""
    indent = "  " if text.startswith("- ") else ""
    return (
        textwrap.fill(
            text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        + "\n"
    )


def listed(names: list[str]) -> str:
    """Return names as a phrase.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def seconds(value: float | None) -> str:
    """Return seconds, or how many times as long; short ones with two digits.

    >>> seconds(1.234), seconds(60.04), seconds(None)
    ('1.23', '60.0', '-')
    """
    return NOTHING if value is None else f"{value:.2f}" if value < 10 else f"{value:,.1f}"
