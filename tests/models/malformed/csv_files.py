"""Broken CSV files."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

from tests.models.company import TABLES, csv_text
from tests.models.malformed.case import FOLLOWS, REQUIRED, Malformed, company, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Mutation = Callable[[str], str | bytes]

MEGABYTE = 1 << 20


def middle(text: str, inserted: str) -> str:
    """Put something into the second line, behind its first comma."""
    start = text.index(",", text.index("\n")) + 1
    return text[:start] + inserted + text[start:]


def widened(text: str, end: str) -> str:
    """Put something at the end of every line."""
    return text.replace("\n", end + "\n")


def as_spreadsheet(text: str) -> bytes:
    """Return what a spreadsheet saves under its own format: a zip archive."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), f"<c>{text}</c>")
    return archive.getvalue()


WIDTH = {"wrong_number_of_fields"}
# Where a quote or delimiter is wrong, the lines after it can be anything.
SHIFTED = {*WIDTH, "unclosed_quote", "control_character", "mixed_line_ends", "blank_line"}

FILE_FAULTS: dict[str, tuple[Mutation, set[str], set[str]]] = {
    "unclosed quote in the header": (lambda text: '"' + text, {"unclosed_quote"}, set()),
    "unclosed quote in a record": (lambda text: middle(text, '"'), {"unclosed_quote"}, set()),
    "unclosed quote at the end": (lambda text: text + '"x', {"unclosed_quote"}, set()),
    "text after a quote": (lambda text: middle(text, '"a"b,'), {"unclosed_quote"}, set()),
    "unclosed quote, long file": (
        lambda text: middle(text, '"') + "x\n" * 100_000,
        {"field_too_large"},
        set(),
    ),
    "NUL in the header": (lambda text: "\0" + text, {"nul_byte"}, set()),
    "NUL in a record": (lambda text: middle(text, "\0"), {"nul_byte"}, set()),
    "NUL at the end": (lambda text: text + "\0", {"nul_byte"}, set()),
    "zeros for a file": (lambda text: "\0" * len(text), {"nul_byte"}, set()),
    "byte order mark": (lambda text: "\ufeff" + text, {"byte_order_mark"}, set()),
    "byte order mark only": (lambda _: "\ufeff", {"byte_order_mark", "file_empty"}, set()),
    "UTF-16 LE": (
        lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
        {"wrong_encoding"},
        set(),
    ),
    "UTF-16 BE": (
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        {"wrong_encoding"},
        set(),
    ),
    "UTF-16 LE, unmarked": (lambda text: text.encode("utf-16-le"), {"nul_byte"}, set()),
    "UTF-16 BE, unmarked": (lambda text: text.encode("utf-16-be"), {"nul_byte"}, set()),
    "UTF-32": (lambda text: text.encode("utf-32"), {"wrong_encoding"}, set()),
    "Latin-1": (lambda text: middle(text, "Köln").encode("latin-1"), {"wrong_encoding"}, set()),
    "Windows-1252": (lambda text: middle(text, "“").encode("cp1252"), {"wrong_encoding"}, set()),
    "character cut off": (lambda text: (text + "ü").encode()[:-1], {"wrong_encoding"}, set()),
    "overlong character": (lambda text: text.encode() + b"\xc0\xaf", {"wrong_encoding"}, set()),
    "surrogate": (lambda text: text.encode() + b"\xed\xa0\x80", {"wrong_encoding"}, set()),
    "CRLF after LF": (lambda text: text[:-1] + "\r\n", {"mixed_line_ends"}, set()),
    "LF after CRLF": (lambda text: text.replace("\n", "\r\n", 1), {"mixed_line_ends"}, set()),
    "CR after LF": (lambda text: text[:-1] + "\r", {"mixed_line_ends"}, set()),
    "CR in a record": (lambda text: middle(text, "\r"), {"mixed_line_ends"}, WIDTH),
    "LF, CR, CRLF": (
        lambda text: text[:-1] + "\r" + text[text.index("\n") + 1 : -1] + "\r\n",
        {"mixed_line_ends"},
        {"duplicate_id", "exact_duplicate", "conflicting_pins", "possible_duplicate"},
    ),
    "field of 1 MB": (lambda text: middle(text, "x" * MEGABYTE), {"field_too_large"}, set()),
    "quoted field of 1 MB": (
        lambda text: middle(text, '"' + "x\n" * (MEGABYTE // 2) + '",'),
        {"field_too_large"},
        set(),
    ),
    "record of 2 MB": (
        lambda text: middle(text, ("x" * 1_000 + ",") * 2_000),
        {"field_too_large"},
        set(),
    ),
    "line of 20 MB": (lambda text: text + "x" * 20 * MEGABYTE, {"field_too_large"}, set()),
    "10,000 columns": (
        lambda text: widened(text, ",x" * 10_000),
        {"too_many_columns"},
        set(),
    ),
    "1,001 columns": (
        lambda text: text.replace("\n", "".join(f",x{at}" for at in range(1_001)) + "\n", 1),
        {"too_many_columns"},
        set(),
    ),
    "empty file": (lambda _: "", {"file_empty"}, set()),
    "one line end": (lambda _: "\n", {"file_empty"}, set()),
    "blanks only": (lambda _: " \t\r\n \r\n", {"file_empty"}, set()),
    "column twice": (
        lambda text: text.replace("\n", "," + text.split(",")[0] + "\n", 1),
        {"duplicate_column"},
        set(),
    ),
    "column twice but for a space": (
        lambda text: text.replace("\n", ", " + text.split(",")[0] + "\n", 1),
        {"duplicate_column"},
        set(),
    ),
    "record too short": (lambda text: text + "x\n", WIDTH, set()),
    "record too long": (lambda text: text[:-1] + ",x\n", WIDTH, set()),
    "comma at the ends": (
        lambda text: first_line(text) + widened(text[len(first_line(text)) :], ","),
        WIDTH,
        set(),
    ),
    "comma in a number": (lambda text: middle(text, "1,200.50,"), WIDTH, set()),
    "cut off in a record": (lambda text: text[: -(len(text.split("\n")[-2]) // 2)], set(), SHIFTED),
    "blank line": (lambda text: text.replace("\n", "\n\n", 1), {"blank_line"}, set()),
    "blank line first": (lambda text: "\n" + text, {"blank_line"}, set()),
    "blank line last": (lambda text: text + "\n", {"blank_line"}, set()),
    "semicolons": (lambda text: text.replace(",", ";"), {"wrong_delimiter"}, set()),
    "tabs": (lambda text: text.replace(",", "\t"), {"wrong_delimiter"}, set()),
    "bars": (lambda text: text.replace(",", "|"), {"wrong_delimiter"}, set()),
    "empty columns at the right": (lambda text: widened(text, ",,"), {"unnamed_column"}, set()),
    "an index at the left": (
        lambda text: "," + text[:-1].replace("\n", "\n0,") + "\n",
        {"unnamed_column"},
        set(),
    ),
    "key column misspelt": (
        lambda text: "x" + text,
        {"missing_column", "similar_column"},
        set(),
    ),
    "no header": (
        lambda text: text[len(first_line(text)) :],
        {"missing_column"},
        {"unused_column", "duplicate_column", "unnamed_column", "similar_column"},
    ),
    "JSON": (lambda _: '[{"lead_id": "L1"}]', {"missing_column", "unused_column"}, set()),
    "a web page": (
        lambda _: "<!doctype html>\n<title>Sign in</title>\n",
        {"missing_column", "unused_column"},
        set(),
    ),
    "gzip": (
        lambda text: gzip.compress(text.encode(), mtime=0),
        set(),
        {"nul_byte", "wrong_encoding"},
    ),
    "spreadsheet": (as_spreadsheet, set(), {"nul_byte", "wrong_encoding"}),
}


def broken_files() -> Iterator[Malformed]:
    """Yield each fault of a file in each table."""
    for name, rows in TABLES.items():
        text = csv_text(rows)
        for kind, (mutate, codes, also) in FILE_FAULTS.items():
            yield Malformed(
                f"{kind}: {name}",
                company(**{name: mutate(text)}),
                frozenset(codes),
                frozenset(also | FOLLOWS),
            )
        if name in REQUIRED:
            yield Malformed(
                f"header only: {name}",
                company(**{name: first_line(text)}),
                frozenset({"no_records"}),
                frozenset(FOLLOWS),
            )
