"""The catalogue of issue codes: stable names for everything validation can find."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssueType:
    """A kind of issue.

    Attributes
    ----------
    code : stable name
    severity : "error" blocks planning, "warning" and "info" do not
    title : what is wrong, as half a sentence
    allowed : what would be right
    fix : what to do
    """

    code: str
    severity: str
    title: str
    allowed: str = ""
    fix: str = ""


_FILES = (
    IssueType("file_missing", "error", "the file does not exist", "a file", "Add the file."),
    IssueType(
        "not_a_file",
        "error",
        "something else stands in the file's place",
        "a file",
        "Move it away, and put the file there.",
    ),
    IssueType(
        "two_sources",
        "error",
        "the table stands there both as CSV and as Parquet",
        "one file",
        "Remove one of the two files.",
    ),
    IssueType(
        "similar_file",
        "warning",
        "a file that is not read looks like a table",
        "leads, reps, history, absences or pins, with .csv or .parquet in small letters",
        "Rename it if it was meant to be read.",
    ),
    IssueType(
        "unknown_table",
        "error",
        "there is no such table",
        "leads, reps, history, absences or pins",
        "Correct the name, or leave the table out.",
    ),
    IssueType(
        "file_empty",
        "error",
        "the file is empty",
        "a header line, then records",
        "Export the table again.",
    ),
    IssueType(
        "unreadable_file",
        "error",
        "the file cannot be read",
        fix="Check that it is whole and that you may read it, or export it again.",
    ),
    IssueType(
        "wrong_encoding",
        "error",
        "the text is not UTF-8",
        "UTF-8",
        'Save the file again as "CSV UTF-8".',
    ),
    IssueType(
        "byte_order_mark",
        "info",
        "the file starts with a byte order mark, which was skipped",
        fix="Nothing to mend: Excel writes it.",
    ),
    IssueType(
        "nul_byte",
        "error",
        "the text holds a NUL byte",
        "printable text",
        'Save the file again as "CSV UTF-8"; NUL bytes come from UTF-16 or from damage.',
    ),
    IssueType(
        "mixed_line_ends",
        "error",
        "records end in different ways",
        "one kind of line end",
        "Save the file with LF or with CRLF throughout, and quote fields that hold a CR.",
    ),
    IssueType(
        "unclosed_quote",
        "error",
        "a quoted field is never closed or is followed by text",
        'fields quoted as "a ""b"" c"',
        "Close the quote, and double each quote inside the field.",
    ),
    IssueType(
        "field_too_large",
        "error",
        "a field or record is too large",
        "fields of at most 131,072 characters, records of at most 1,000,000",
        "Shorten it; a quote that is opened but never closed also makes a field too large.",
    ),
    IssueType(
        "too_many_columns",
        "error",
        "the table has too many columns",
        "at most 1,000",
        "Export fewer columns; a comma after every record's end makes columns too.",
    ),
    IssueType(
        "wrong_delimiter",
        "error",
        "the fields are not divided by commas",
        "commas",
        "Save the file again with commas; Excel's \"CSV\" takes the sign from the system's region.",
    ),
    IssueType(
        "wrong_number_of_fields",
        "error",
        "the line has another number of fields than the header",
        fix="Quote fields that hold a comma, and complete the line.",
    ),
    IssueType("blank_line", "warning", "a blank line was skipped", fix="Remove the line."),
    IssueType(
        "duplicate_column",
        "error",
        "two columns have the same name",
        "each name once",
        "Rename one of them, or leave it out.",
    ),
    IssueType(
        "unnamed_column",
        "warning",
        "a column without a name was left out",
        fix="Name it, or delete it; spreadsheets often export empty columns at the right.",
    ),
    IssueType(
        "missing_column",
        "error",
        "a column is missing that is required or to be kept",
        fix="Add the column, or name it in the mapping.",
    ),
    IssueType(
        "similar_column",
        "warning",
        "an unknown column looks like a known one that is absent",
        fix="Rename the column if it was meant; it is not used otherwise.",
    ),
    IssueType(
        "unused_column",
        "info",
        "a column was left out, because nothing names it",
        fix="Name it under `keep:` in snapshot.yaml, or in the policy, to keep it.",
    ),
    IssueType(
        "no_records",
        "error",
        "the table has no record",
        "at least one record",
        "Check the filter of the export.",
    ),
    IssueType(
        "bad_snapshot_file",
        "error",
        "snapshot.yaml is malformed",
        "schema, as_of, currency; timezone and keep may be left out",
        "Write it as docs/tables.md shows.",
    ),
)

_VALUES = (
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

_REFERENCES = (
    IssueType(
        "unknown_rep",
        "error",
        "the rep is not in the table of reps",
        "a rep_id of reps",
        "Add the rep (active: 0 if they have left), or correct the id.",
    ),
    IssueType(
        "unknown_lead",
        "error",
        "the lead is not in the table of leads",
        "a lead_id of leads",
        "Remove the pin, or correct the id.",
    ),
    IssueType(
        "uncovered_region",
        "warning",
        "no active rep covers the region",
        fix="Correct the spelling, or give a rep the region.",
    ),
    IssueType(
        "rep_without_region",
        "warning",
        "the rep covers no region, so no lead with a region fits",
        "paths divided by ;, or *",
        "Give the rep regions, or * for all.",
    ),
    IssueType(
        "capacity_zero",
        "warning",
        "the rep's capacity is 0, so the rep gets nothing new",
        fix="Use active: 0 for someone who has left, an absence for someone away.",
    ),
    IssueType(
        "rep_without_leads",
        "info",
        "the rep owns no lead",
        fix="Nothing to mend: the rep is planned like the others.",
    ),
    IssueType(
        "conflicting_pins",
        "error",
        "pins on the lead or its family contradict each other",
        "at most one fixed rep, who is not forbidden",
        "Remove the pins that no longer hold.",
    ),
    IssueType(
        "expired_pin",
        "info",
        "the pin has expired and is not used",
        fix="Remove it, or set a later date.",
    ),
    IssueType(
        "owner_without_owned_since",
        "info",
        "owned leads have no owned_since",
        fix="Fill owned_since if the policy protects new owners.",
    ),
    IssueType(
        "owned_since_without_owner",
        "warning",
        "owned_since is given, but there is no owner",
        fix="Fill the owner, or clear owned_since.",
    ),
    IssueType(
        "stale_table",
        "warning",
        "the newest date of the table is long before the as-of time",
        fix="Export the table again, if it is meant to be current.",
    ),
    IssueType(
        "currency_mixed",
        "error",
        "amounts are in another currency than the snapshot's",
        "the snapshot's currency",
        "Convert the amounts before the import.",
    ),
)

_CUSTOMERS = (
    IssueType(
        "exact_duplicate",
        "warning",
        "records agree in every column that is used, except the id, and name the same customer; "
        "they join one family",
        fix="Remove the copies in the CRM; until then one rep gets all of them.",
    ),
    IssueType(
        "possible_duplicate",
        "warning",
        "records seem to be the same customer",
        fix="Merge them in the CRM, give them the same `family`, or leave them apart.",
    ),
    IssueType(
        "split_company",
        "info",
        "the records of one company have different owners",
        fix="Use `families: {by: company}` in the policy, if one rep should have them all.",
    ),
)

_IMPORT = (
    IssueType(
        "value_mapped",
        "info",
        "a value was replaced, as the mapping says",
        fix="Correct it at the source too, if it is a slip.",
    ),
    IssueType(
        "default_used",
        "info",
        "empty cells were filled, as the mapping says",
        fix="Fill them at the source, if the default is only a guess.",
    ),
    IssueType(
        "empty_cells",
        "info",
        "the column has empty cells",
        fix="Nothing to mend, unless the source knows more.",
    ),
    IssueType(
        "rows_filtered",
        "info",
        "records were left out, as the mapping's `where` says",
        fix="Nothing to mend, if the count is what you expect.",
    ),
    IssueType(
        "where_value_absent",
        "warning",
        "the mapping's `where` names a value that no record has",
        fix="Correct the spelling, or take the value out.",
    ),
    IssueType(
        "similar_value",
        "warning",
        "two values of the column are spelled almost alike",
        fix="If they mean the same, map one to the other under `values:`; else map one to itself.",
    ),
    IssueType(
        "lookup_missed",
        "warning",
        "the value is not in the table it is looked up in",
        fix="Correct the spelling, or map the value.",
    ),
    IssueType(
        "lookup_ambiguous",
        "error",
        "the key has different answers in the table it is looked up in",
        "one answer for each key",
        "Remove the copy, or look up by a key that tells the records apart.",
    ),
    IssueType(
        "unmapped_value",
        "error",
        "the value is not in the mapping's value map",
        fix="Add it to `values:`, or correct it at the source.",
    ),
    IssueType(
        "not_convertible",
        "error",
        "the value cannot be read in the unit or format of the mapping",
        fix="Correct the value, or what the mapping says of it.",
    ),
    IssueType(
        "source_column_missing",
        "error",
        "the mapping names a column the source does not have",
        fix="Correct the name in the mapping, or export the column.",
    ),
    IssueType(
        "unused_source",
        "info",
        "a file was not read, because the mapping does not name it",
        fix="Name it in the mapping, or leave it out.",
    ),
    IssueType(
        "bad_mapping",
        "error",
        "the mapping file is malformed",
        fix="Correct the mapping at this line.",
    ),
)

_PLANNING = (
    IssueType(
        "no_eligible_rep",
        "warning",
        "no rep passes the rules, so the lead stays unassigned",
        fix="Relax a rule, or give a rep the region, skill or level.",
    ),
    IssueType(
        "rep_over_capacity",
        "warning",
        "the rep's present book already exceeds a limit",
        fix="The plan brings it down; leads that do not fit elsewhere stay unassigned.",
    ),
    IssueType(
        "single_criterion",
        "warning",
        "the policy uses a single criterion",
        fix="Combine value, need and load; one criterion alone makes poor plans.",
    ),
    IssueType(
        "empty_cells_pass",
        "info",
        "empty cells ask for nothing, so the rule lets the leads pass",
        fix="Fill the column if the rule should apply to these leads.",
    ),
)

GROUPS: dict[str, tuple[IssueType, ...]] = {
    "files": _FILES,
    "values": _VALUES,
    "references": _REFERENCES,
    "customers": _CUSTOMERS,
    "import": _IMPORT,
    "planning": _PLANNING,
}
ISSUE_TYPES: dict[str, IssueType] = {kind.code: kind for kinds in GROUPS.values() for kind in kinds}
