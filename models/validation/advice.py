"""Advice by the look of a value: what a CRM or spreadsheet meant, and how to write it."""

from __future__ import annotations

import re

_AS_TEXT = "Format the column as YYYY-MM-DD text before the export."

_LOOKS: dict[str, tuple[tuple[str, str], ...]] = {
    "not_a_number": (
        (r"#.*", "A spreadsheet formula failed: correct it, or clear the cell."),
        (r"(?i)n/?a|null|none|nil|-+|\?+|unknown|tbd", "Leave the cell empty if nothing is known."),
        (r".*%", "Write per cents without the sign, and a share such as 12% as 0.12."),
        (r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", "Leave out the commas between the thousands."),
        (r"[-+]?\d{1,3}([.' \u2019]\d{3})+(,\d+)?", "Write 1200.50, not 1.200,50 or 1 200,50."),
        (r"[-+]?\d+,\d+", "Write a point, not a comma, before the decimals."),
        (r"\(.+\)", "Write a negative number with a minus sign."),
        (
            r"[^\d+-].*\d|.*\d\s*(\D{1,2}|[A-Za-z]{3,4})",
            "Write the number alone, without currency or unit.",
        ),
    ),
    "not_a_time": (
        (r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*", "Write the year first, as 2017-12-31."),
        (r"\d{4}[/.]\d{1,2}[/.]\d{1,2}.*", "Write it with hyphens, as 2017-12-31."),
        (r"\d{4}-\d{1,2}-\d{1,2}", "Write two digits each for month and day, and a real day."),
        (r"\d{8}", "Write it with hyphens, as 2017-12-31."),
        (r"\d{5}(\.\d+)?", f"This looks like a spreadsheet's day number. {_AS_TEXT}"),
        (r"\d{10}|\d{13}", "This looks like seconds or milliseconds since 1970; write a date."),
        (r"#.*", "A spreadsheet formula failed: correct it, or clear the cell."),
        (r"(?i)n/?a|null|none|-+|never|tbd", "Leave the cell empty if nothing is known."),
    ),
    "not_a_flag": (
        (r"(?i)y|yes|on|x|t|wahr|vrai", "Write 1, or true."),
        (r"(?i)n|no|off|f|falsch|faux", "Write 0, or false."),
    ),
    "bad_path": ((r".*[\\>|].*", "Divide the parts by /."), (r".*//.*", "Remove the doubled /.")),
    "bad_time_zone": (
        (r"(?i)[A-Z]{3,4}", "Short names are ambiguous: write America/New_York, not EST."),
        (r"(?i)(UTC|GMT)?\s*[+-]\d.*", "An offset does not know summer time: name a city's zone."),
    ),
    "bad_working_hours": (
        (r".*\d:\d\d\s*[AaPp]\.?[Mm].*", "Write 24-hour times, as 09:00-17:00."),
        (r".*\b\d:\d\d.*", "Write two digits for the hour, as 09:00."),
    ),
}  # fmt: skip
_PATTERNS = {
    code: [(re.compile(pattern, re.DOTALL), advice) for pattern, advice in looks]
    for code, looks in _LOOKS.items()
}


def advice(code: str, value: object) -> str:
    """Return advice for one faulty value; "" where its look says nothing.

    >>> advice("not_a_number", "1,200.50")
    'Leave out the commas between the thousands.'
    """
    if not isinstance(value, str):
        return ""
    fitting = (text for pattern, text in _PATTERNS.get(code, ()) if pattern.fullmatch(value[:80]))
    return next(fitting, "")
