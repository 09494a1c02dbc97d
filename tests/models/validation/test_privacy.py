"""Names, addresses, phones and companies never show in an issue, whatever the fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from models.columns import TABLES as COLUMNS
from models.columns import Kind
from models.issues import IssueLog
from models.raw_table import RawTable
from models.validation.reporter import HIDDEN, Reporter
from tests.models.company import TABLES, csv_text, files, validated, with_cell, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.models.company import Rows

PERSON = "zoe.quill"
EMAIL, PHONE, NAME = f"{PERSON}@quill.example", "+1 555 010 7777", f"{PERSON} Quill"
PLACES = (
    *("leads.amount", "leads.created", "leads.region", "leads.open_task", "leads.currency"),
    *("reps.timezone", "reps.working_hours", "pins.kind"),
)
DISGUISES = ("{}", " {} ", "{}\x07", "\ufeff{}", "{}\n{}", '"{}', "{}\u200b", "{};{}", "{},{}")
PERSONAL = [
    (table, column.name)
    for table, columns in COLUMNS.items()
    for column in columns
    if column.personal
]


def leaks(directory: Path, secret: str) -> list[str]:
    """Return the issues of a company, and what its tables of issues say, that hold a secret."""
    _, issues = validated(directory)
    texts = [issue.text() for issue in issues]
    texts += issues.to_frame().to_csv(index=False).splitlines()
    return [text for text in texts if secret in text]


@pytest.mark.parametrize(("table", "column"), PERSONAL)
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_faulty_personal_value_is_hidden(
    tmp_path: Path, table: str, column: str, disguise: str
) -> None:
    rows = with_cell(table, column, disguise.replace("{}", NAME))
    assert not leaks(write(tmp_path, files(**rows)), PERSON)


def test_it_is_said_that_something_is_hidden(tmp_path: Path) -> None:
    _, issues = validated(write(tmp_path, files(**with_cell("leads", "email", f" {EMAIL}"))))
    assert [(issue.code, issue.column, issue.got) for issue in issues] == [
        ("padded_value", "email", HIDDEN)
    ]


@pytest.mark.parametrize("secret", [EMAIL, PHONE])
@pytest.mark.parametrize("place", PLACES)
def test_an_address_in_the_wrong_column_is_hidden(tmp_path: Path, place: str, secret: str) -> None:
    table, column = place.split(".")
    directory = write(tmp_path, files(**with_cell(table, column, secret)))
    _, issues = validated(directory)
    assert issues.issues
    assert not leaks(directory, secret)


def shifted(rows: Rows) -> str:
    """Return leads of which one has an e-mail address too many, in front."""
    head, first, rest = csv_text(rows).split("\n", 2)
    return f"{head}\n{EMAIL},{first}\n{rest}"


@pytest.mark.parametrize(
    "text",
    [
        shifted(TABLES["leads"]),
        f"{EMAIL},{PHONE}\nx,y\n",
        csv_text(TABLES["leads"]).replace("postal_code", EMAIL),
        csv_text(TABLES["leads"]).replace("ann@acme.example", f'"{EMAIL}'),
        csv_text(TABLES["leads"]).replace("ann@acme.example", EMAIL * 10_000),
        f"{EMAIL};{PHONE}\n",
    ],
    ids=["shifted", "no header", "in the header", "unclosed", "too large", "semicolons"],
)
def test_a_broken_file_shows_no_address(tmp_path: Path, text: str) -> None:
    directory = write(tmp_path, files(leads=text))
    _, issues = validated(directory)
    assert issues.issues
    assert not leaks(directory, EMAIL)
    assert not leaks(directory, PHONE)


def test_duplicates_name_records_only(tmp_path: Path) -> None:
    identity = {"company": NAME, "email": EMAIL, "phone": PHONE}
    writings = [NAME, NAME.upper(), NAME + ", Inc."] * 2
    rows = [
        {**row, **identity, "company": writing, "lead_id": f"L{at}"}
        for at, (row, writing) in enumerate(zip(list(TABLES["leads"]) * 2, writings, strict=True))
    ]
    directory = write(tmp_path, files(leads=rows))
    codes = {issue.code for issue in validated(directory)[1]}
    assert {"exact_duplicate", "possible_duplicate", "split_company"} <= codes
    assert not leaks(directory, PERSON)
    assert not leaks(directory, PHONE)


def test_no_column_of_persons_is_shown_whatever_its_kind() -> None:
    reporter = Reporter(IssueLog(), RawTable("leads", "leads.csv", pd.DataFrame()))
    for column in COLUMNS["leads"]:
        shown = reporter.quoted(column.name, EMAIL)
        assert (shown == HIDDEN) == (column.kind is not Kind.ID), column.name
