"""What can be wrong with a file and its columns."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

FILES = (
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
        'Save the file again with commas, or name its `delimiter` in the mapping; Excel\'s "CSV" '
        "takes the sign from the system's region.",
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
