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
    IssueType("file_missing", "error", "the file does not exist", fix="Add the file."),
    IssueType("not_a_file", "error", "a directory stands in the file's place", "a file"),
    IssueType(
        "two_sources", "error", "the table stands there both as CSV and as Parquet", "one file",
        "Remove one of the two files.",
    ),
    IssueType("file_empty", "error", "the file is empty", "a header line, then records"),
    IssueType("unreadable_file", "error", "the file cannot be read"),
    IssueType(
        "wrong_encoding", "error", "the text is not UTF-8", "UTF-8",
        'Save the file again as "CSV UTF-8".',
    ),
    IssueType("byte_order_mark", "info", "the file starts with a byte order mark, which was skipped"),
    IssueType(
        "nul_byte", "error", "the text holds a NUL byte", "printable text",
        "Export the file again; a NUL byte is a sign of a damaged or binary file.",
    ),
    IssueType(
        "mixed_line_ends", "error", "lines end in different ways", "one kind of line end",
        "Save the file with LF or with CRLF throughout; a lone CR is not a line end.",
    ),
    IssueType(
        "unclosed_quote", "error", "a quoted field is never closed or is followed by text",
        'fields quoted as "a ""b"" c"', "Close the quote, and double each quote inside the field.",
    ),
    IssueType("field_too_large", "error", "a field is too large", "at most 100,000 characters"),
    IssueType("too_many_columns", "error", "the table has too many columns", "at most 1,000"),
    IssueType(
        "wrong_number_of_fields", "error", "the line has another number of fields than the header",
        fix="Quote fields that hold the delimiter, and complete the line.",
    ),
    IssueType("blank_line", "warning", "a blank line was skipped", fix="Remove the line."),
    IssueType("duplicate_column", "error", "two columns have the same name", "each name once"),
    IssueType(
        "missing_column", "error", "a required column is missing",
        fix="Add the column, or name it in the mapping.",
    ),
    IssueType(
        "similar_column", "warning", "an unknown column looks like a known one that is absent",
        fix="Rename the column if it was meant; it is not used otherwise.",
    ),
    IssueType(
        "unused_column", "info", "a column was left out, because nothing names it",
        fix="Name it under `keep:` in snapshot.yaml, or in the policy, to keep it.",
    ),
    IssueType("no_records", "error", "the table has no record", "at least one record"),
    IssueType("bad_snapshot_file", "error", "snapshot.yaml is malformed"),
)

_VALUES = (
    IssueType("missing_id", "error", "the id is empty", "an id", "Give the record an id."),
    IssueType("missing_value", "error", "a required value is empty", "a value"),
    IssueType(
        "duplicate_id", "error", "the id was used before", "each id once",
        "Remove the copy, or give it an id of its own.",
    ),
    IssueType(
        "padded_value", "warning", "spaces around the value were left out",
        "no space before or after it", "Remove the spaces at the source.",
    ),
    IssueType(
        "control_character", "error", "the value holds a control character", "printable text",
        "Remove the character.",
    ),
    IssueType(
        "not_a_number", "error", "the value is not a number", "digits with a point, such as 1200.50",
        "Write it without currency signs, units or thousands separators.",
    ),
    IssueType("not_finite", "error", "the number is not finite", "a finite number"),
    IssueType("not_an_integer", "error", "the number is not whole", "a whole number"),
    IssueType("out_of_range", "error", "the number lies outside its range"),
    IssueType("not_a_flag", "error", "the value is neither yes nor no", "0, 1, true or false"),
    IssueType(
        "not_a_time", "error", "the value is not a date or time",
        "2026-11-21 or 2026-11-21T14:30:00Z (ISO 8601), years 1900 to 2200",
    ),
    IssueType(
        "bad_path", "error", "the region path has an empty part", "parts divided by /, as US/West/CA"
    ),
    IssueType("bad_time_zone", "error", "the time zone is unknown", "an IANA name, as Europe/Berlin"),
    IssueType(
        "bad_working_hours", "error", "the working hours cannot be read",
        "as Mon-Fri 09:00-17:00; Sat 10:00-14:00",
    ),
    IssueType("wrong_type", "error", "the column holds another type of value"),
    IssueType(
        "date_after_as_of", "error", "the date lies after the as-of time",
        fix="Correct the date, or take the snapshot with a later as_of.",
    ),
    IssueType("ends_before_start", "error", "the interval ends before it starts"),
)

_REFERENCES = (
    IssueType(
        "unknown_rep", "error", "the rep is not in the table of reps", "a rep_id of reps",
        "Add the rep (active: 0 if they have left), or correct the id.",
    ),
    IssueType("unknown_lead", "error", "the lead is not in the table of leads", "a lead_id of leads"),
    IssueType(
        "uncovered_region", "warning", "no rep covers the region",
        fix="Correct the spelling, or give a rep the region.",
    ),
    IssueType(
        "rep_without_region", "warning", "the rep covers no region, so no lead with a region fits",
        "paths divided by ;, or *", "Give the rep regions, or * for all.",
    ),
    IssueType(
        "capacity_zero", "warning", "the rep's capacity is 0, so the rep gets nothing new",
        fix="Use active: 0 for someone who has left, an absence for someone away.",
    ),
    IssueType(
        "rep_without_leads", "info", "the rep owns no lead",
        fix="Nothing to mend: the rep is planned like the others.",
    ),
    IssueType(
        "conflicting_pins", "error", "pins on the lead or its family contradict each other",
        "at most one fixed rep, who is not forbidden", "Remove the pins that no longer hold.",
    ),
    IssueType("expired_pin", "info", "the pin has expired and is not used"),
    IssueType(
        "owner_without_owned_since", "info", "owned leads have no owned_since",
        fix="Fill owned_since if the policy protects new owners.",
    ),
    IssueType(
        "owned_since_without_owner", "warning", "owned_since is given, but there is no owner",
        fix="Fill the owner, or clear owned_since.",
    ),
    IssueType(
        "stale_table", "warning", "the newest date of the table is long before the as-of time",
        fix="Export the table again, if it is meant to be current.",
    ),
    IssueType(
        "currency_mixed", "error", "amounts are in another currency than the snapshot's",
        "the snapshot's currency", "Convert the amounts before the import.",
    ),
)

_CUSTOMERS = (
    IssueType(
        "exact_duplicate", "warning",
        "records agree in everything but the id and name the same customer; they join one family",
        fix="Remove the copies in the CRM; until then one rep gets all of them.",
    ),
    IssueType(
        "possible_duplicate", "warning", "records seem to be the same customer",
        fix="Merge them in the CRM, give them the same `family`, or leave them apart.",
    ),
    IssueType(
        "split_company", "info", "the open records of one company have different owners",
        fix="Use `families: {by: company}` in the policy, if one rep should have them all.",
    ),
)

_IMPORT = (
    IssueType("value_mapped", "info", "a value was replaced, as the mapping says"),
    IssueType("default_used", "info", "empty values were filled, as the mapping says"),
    IssueType(
        "lookup_missed", "warning", "the value is not in the table it is looked up in",
        fix="Correct the spelling, or map the value.",
    ),
    IssueType(
        "lookup_ambiguous", "error", "the key stands more than once in the table it is looked up in",
        "each key once",
    ),
    IssueType("rows_filtered", "info", "records were left out, as the mapping's `where` says"),
    IssueType("unmapped_value", "error", "the value is not in the mapping's value map"),
    IssueType("source_column_missing", "error", "the mapping names a column the source does not have"),
    IssueType("bad_mapping", "error", "the mapping file is malformed"),
    IssueType(
        "similar_value", "warning", "two values of the column are spelled almost alike",
        fix="If they mean the same, map one to the other under `values:`.",
    ),
)

_PLANNING = (
    IssueType(
        "no_eligible_rep", "warning", "no rep passes the rules, so the lead stays unassigned",
        fix="Relax a rule, or give a rep the region, skill or level.",
    ),
    IssueType(
        "rep_over_capacity", "warning", "the rep's present book already exceeds a limit",
        fix="The plan brings it down; leads that do not fit elsewhere stay unassigned.",
    ),
    IssueType(
        "single_criterion", "warning", "the policy uses a single criterion",
        fix="Combine value, need and load; one criterion alone makes poor plans.",
    ),
    IssueType(
        "empty_cells_pass", "info", "empty cells ask for nothing, so the rule lets the leads pass",
        fix="Fill the column if the rule should apply to these leads.",
    ),
)

ISSUE_TYPES: dict[str, IssueType] = {
    kind.code: kind
    for kinds in (_FILES, _VALUES, _REFERENCES, _CUSTOMERS, _IMPORT, _PLANNING)
    for kind in kinds
}
