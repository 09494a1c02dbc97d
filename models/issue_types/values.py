"""What can be wrong with a cell."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

VALUES = (
    IssueType(
        "missing_id",
        "error",
        "the id is empty",
        "an id",
        "Give the record an id, or remove it if the whole line is empty.",
    ),
    IssueType("missing_value", "error", "a required value is empty", "a value", "Fill the cell."),
    IssueType(
        "duplicate_id",
        "error",
        "the id was used before",
        "each id once",
        "Remove the copy, or give it an id of its own.",
    ),
    IssueType(
        "bad_id",
        "error",
        "the id is too long, or cannot stand in an address",
        "at most 255 characters; neither . nor .., and without /why-not/ (and, of a rep, /leads/)",
        "Give the record another id, such as the number that the CRM has for it.",
    ),
    IssueType(
        "padded_value",
        "warning",
        "spaces around the value were left out",
        "no space before or after it",
        "Remove the spaces at the source.",
    ),
    IssueType(
        "control_character",
        "error",
        "the value holds a control or invisible character",
        "printable text",
        "Remove the character.",
    ),
    IssueType(
        "not_a_number",
        "error",
        "the value is not a number",
        "digits with a point, as 1200.50",
        "Write it without currency signs, units or thousands separators.",
    ),
    IssueType(
        "not_finite",
        "error",
        "the number is not finite",
        "a finite number",
        "Leave the cell empty where there is no number.",
    ),
    IssueType(
        "not_an_integer",
        "error",
        "the number is not whole",
        "a whole number",
        "Round it at the source.",
    ),
    IssueType(
        "out_of_range",
        "error",
        "the number lies outside its range",
        fix="Correct the number, or its unit.",
    ),
    IssueType(
        "not_a_flag",
        "error",
        "the value is not a flag",
        "0, 1, true or false",
        "Map the values to 0 and 1.",
    ),
    IssueType(
        "unknown_choice",
        "error",
        "the value is not one of the choices",
        fix="Write one of the choices.",
    ),
    IssueType(
        "not_a_time",
        "error",
        "the value is not a date or time",
        "2026-11-21 or 2026-11-21T14:30:00Z (ISO 8601), years 1900 to 2200",
        "Write the year first, then month and day, with hyphens.",
    ),
    IssueType(
        "unclear_time",
        "warning",
        "the clocks change, so this local time comes twice or never; the earlier, or the next, "
        "was taken",
        "a time with its offset, as 2026-10-25T02:30:00+01:00",
        "Export times in UTC.",
    ),
    IssueType(
        "bad_path",
        "error",
        "the region path has an empty part, or a * among others",
        "parts divided by /, as US/West/CA",
        "Complete the path, or remove the extra / or ;.",
    ),
    IssueType(
        "undivided_list",
        "warning",
        "the cell is read as one part, but holds a comma or bar",
        "parts divided by ;, as audit;cloud",
        "Divide the parts by ;, unless the comma belongs to the name.",
    ),
    IssueType(
        "bad_time_zone",
        "error",
        "the time zone is unknown",
        "an IANA name, as Europe/Berlin",
        "Use the name of the nearest large city in that zone.",
    ),
    IssueType(
        "bad_working_hours",
        "error",
        "the working hours cannot be read",
        "as Mon-Fri 09:00-17:00; Sat 10:00-14:00",
        "Write English days and 24-hour times; split a night shift at 24:00.",
    ),
    IssueType(
        "wrong_type",
        "error",
        "the column holds another type of value",
        fix="Export the column as text.",
    ),
    IssueType(
        "date_after_as_of",
        "error",
        "the date lies after the as-of time",
        fix="Correct the date, or take the snapshot with a later as_of.",
    ),
    IssueType(
        "ends_before_start",
        "error",
        "the interval does not end after it starts",
        "an end after the start; a date counts as the whole day",
        "Exchange or correct the two times.",
    ),
)
