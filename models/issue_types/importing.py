"""What an import can find and do."""

from __future__ import annotations

from models.issue_types.issue_type import IssueType

IMPORT = (
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
