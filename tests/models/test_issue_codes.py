"""One fault each: every code of validation is raised alone, and says the whole sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import InputError
from models.issue_types import GROUPS, ISSUE_TYPES
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from tests.models.company import (
    HEADER,
    TABLES,
    csv_text,
    files,
    validated,
    with_cell,
    with_row,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.issue_types import IssueType

    Setup = Callable[[Path], object]

TESTED_GROUPS = ("files", "values", "references", "customers")
LEADS, PINS = csv_text(TABLES["leads"]), csv_text(TABLES["pins"])


@dataclass(frozen=True)
class Case:
    """A company with one fault.

    Attributes
    ----------
    code : what is expected, alone
    contents : the company's files
    setup : what else happens to the directory
    """

    code: str
    contents: dict[str, bytes]
    setup: Setup | None = None


def without(table: str, **others: str) -> dict[str, bytes]:
    """Return the company's files but for one table, and files beside it."""
    contents = {name: data for name, data in files().items() if name != f"{table}.csv"}
    return contents | {name.replace("_csv", ".csv"): text.encode() for name, text in others.items()}


def header_of(text: str) -> str:
    """Return the first line of a table."""
    return text[: text.index("\n") + 1]


def to_parquet(directory: Path) -> None:
    """Turn the pins into Parquet, with a record where the kind belongs."""
    (directory / "pins.csv").unlink()
    pin = {"lead_id": ["L1"], "rep_id": ["R1"], "kind": [{"name": "fixed"}]}
    pq.write_table(pa.table(pin), directory / "pins.parquet")


CASES = (
    Case("file_missing", without("leads")),
    Case("not_a_file", without("pins"), lambda directory: (directory / "pins.csv").mkdir()),
    Case("two_sources", {**files(), "pins.parquet": b""}),
    Case("similar_file", {**files(), "absence.xlsx": b""}),
    Case("file_empty", files(pins="\n")),
    Case("unreadable_file", {**without("pins"), "pins.parquet": b"PAR1, but no more"}),
    Case("wrong_encoding", files(leads=LEADS.replace("web", "Köln", 1).encode("latin-1"))),
    Case("byte_order_mark", files(leads="\ufeff" + LEADS)),
    Case("nul_byte", files(leads=LEADS.replace("open", "op\0en", 1))),
    Case("mixed_line_ends", files(pins=PINS.replace("2027-01-01\n", "2027-01-01\r\n"))),
    Case("unclosed_quote", files(pins=PINS.replace("key account", '"key account'))),
    Case("field_too_large", files(pins=PINS.replace("key account", "k" * 200_000))),
    Case("too_many_columns", files(pins=PINS.replace("expires", "expires" + ",x" * 1_000))),
    Case("wrong_delimiter", files(pins=PINS.replace(",", ";"))),
    Case("wrong_number_of_fields", files(pins=PINS.replace("key account", "key, account"))),
    Case("blank_line", files(pins=PINS + "\n")),
    Case("duplicate_column", files(pins=PINS.replace("expires", "kind"))),
    Case("unnamed_column", files(pins=PINS.replace("\n", ",\n"))),
    Case("missing_column", files(pins="lead_id,rep_id\nL1,R1\n")),
    Case("similar_column", files(pins=PINS.replace("expires", "Expire"))),
    Case("unused_column", files(**with_cell("leads", "colour", "red"))),
    Case("no_records", files(leads=header_of(LEADS), pins=header_of(PINS))),
    Case("bad_snapshot_file", files(HEADER.replace("USD", "usd"))),
    Case("missing_id", files(**with_cell("leads", "lead_id", "", 2))),
    Case("missing_value", files(**with_cell("absences", "starts", ""))),
    Case("duplicate_id", files(**with_row("leads", lead_id="L2", company="Dent"))),
    Case("bad_id", files(**with_row("leads", lead_id="..", company="Dent"))),
    Case("padded_value", files(**with_cell("leads", "stage", " new"))),
    Case("control_character", files(**with_cell("leads", "stage", "ne\u200bw"))),
    Case("not_a_number", files(**with_cell("leads", "amount", "1,200.50"))),
    Case("not_finite", files(**with_cell("leads", "amount", "1e400"))),
    Case("not_an_integer", files(**with_cell("reps", "level", "2.5"))),
    Case("out_of_range", files(**with_cell("leads", "win_probability", "40"))),
    Case("not_a_flag", files(**with_cell("leads", "open_task", "yes"))),
    Case("unknown_choice", files(**with_cell("pins", "kind", "Fixed"))),
    Case("not_a_time", files(**with_cell("leads", "created", "31/12/2017"))),
    Case("unclear_time", files(**with_cell("leads", "created", "2026-11-01 01:30"))),
    Case("bad_path", files(**with_cell("leads", "region", "US//CA"))),
    Case("undivided_list", files(**with_cell("leads", "needs", "audit, cloud"))),
    Case("bad_time_zone", files(**with_cell("reps", "timezone", "EST5"))),
    Case("bad_working_hours", files(**with_cell("reps", "working_hours", "Mon-Fri 9:00-17:00"))),
    Case("wrong_type", files(), to_parquet),
    Case("date_after_as_of", files(**with_cell("leads", "last_activity", "2026-11-22"))),
    Case("ends_before_start", files(**with_cell("absences", "ends", "2026-11-29"))),
    Case("unknown_rep", files(**with_cell("leads", "owner", "r1"))),
    Case("unknown_lead", files(**with_cell("pins", "lead_id", "L7"))),
    Case("uncovered_region", files(**with_cell("leads", "region", "US/Wset/CA"))),
    Case(
        "rep_without_region",
        files(**with_cell("leads", "owner", "R3", 2), **with_row("reps", rep_id="R3")),
    ),
    Case("capacity_zero", files(**with_cell("reps", "max_leads", "0"))),
    Case("rep_without_leads", files(**with_row("reps", rep_id="R3", regions="MX"))),
    Case(
        "conflicting_pins",
        files(**with_row("pins", lead_id="L1", rep_id="R1", kind="forbidden")),
    ),
    Case("pin_target", files(**with_row("pins", lead_id="L1", kind="forbidden"))),
    Case("unknown_group", files(**with_row("pins", lead_id="L1", team="wset", kind="forbidden"))),
    Case("expired_pin", files(**with_cell("pins", "expires", "2026-11-01"))),
    Case("owner_without_owned_since", files(**with_cell("leads", "owned_since", ""))),
    Case("owned_since_without_owner", files(**with_cell("leads", "owner", "", 2))),
    Case("stale_table", files(HEADER.replace("2026-11-21", "2026-12-31"))),
    Case("currency_mixed", files(**with_cell("leads", "currency", "EUR"))),
    Case(
        "exact_duplicate",
        files(leads=[*TABLES["leads"], {**TABLES["leads"][0], "lead_id": "L4"}]),
    ),
    Case("possible_duplicate", files(**with_cell("leads", "email", "ANN@acme.example", 1))),
    Case("split_company", files(**with_cell("leads", "company", "Acme Inc", 1))),
)


SENTENCES = {
    line.split()[1].rstrip(":"): line
    for line in Path(__file__).with_name("issue_sentences.txt").read_text().splitlines()
}
"""What each fault says, word for word."""


@pytest.mark.parametrize("case", CASES, ids=[case.code for case in CASES])
def test_a_fault_is_said_in_one_sentence(case: Case, tmp_path: Path) -> None:
    directory = write(tmp_path / "company", case.contents)
    if case.setup is not None:
        case.setup(directory)
    snapshot, issues = validated(directory)
    assert [issue.text() for issue in issues] == [SENTENCES[case.code]]
    assert (snapshot is None) == (ISSUE_TYPES[case.code].severity == "error")


def test_the_company_itself_has_no_fault(tmp_path: Path) -> None:
    snapshot, issues = validated(write(tmp_path, files()))
    assert snapshot is not None
    assert not list(issues)


def test_an_unknown_table_is_refused() -> None:
    frames = {name: pd.DataFrame(rows) for name, rows in TABLES.items()}
    frames["absence"] = frames.pop("absences")
    header = SnapshotHeader(as_of=datetime(2026, 11, 21, tzinfo=UTC), currency="USD")
    with pytest.raises(InputError, match="The nearest is 'absences'") as caught:
        snapshot_from_frames(frames, header)
    assert [issue.text() for issue in caught.value.issues] == [SENTENCES["unknown_table"]]


@pytest.mark.parametrize("group", TESTED_GROUPS)
def test_every_code_has_a_test(group: str) -> None:
    codes = {kind.code for kind in GROUPS[group]}
    assert codes - {case.code for case in CASES} == ({"unknown_table"} & codes)


@pytest.mark.parametrize("kind", ISSUE_TYPES.values(), ids=list(ISSUE_TYPES))
def test_every_fault_comes_with_advice(kind: IssueType) -> None:
    if kind.severity != "info":
        assert kind.fix.endswith(".")
    assert not kind.title.endswith(".")
