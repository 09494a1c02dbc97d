"""Tests of mapping files: what they may say, and what is refused, where and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.columns import TABLES
from models.errors import InputError
from models.files.mapping import Tables
from models.files.mapping_reader import mapping_from_text, read_mapping

if TYPE_CHECKING:
    from pathlib import Path

    from models.issues import Issue

SMALL = """\
version: 1
snapshot: {as_of: 2026-11-01T00:00:00Z, currency: EUR}
tables:
  leads:
    from: crm.csv
    columns:
      lead_id: Id
      owner: Owner
  reps:
    from: [team.csv, contractors.csv]
    columns: {rep_id: Name, regions: Area}
"""


def faults(text: str) -> list[Issue]:
    """Return the issues for which a mapping is refused."""
    with pytest.raises(InputError) as refused:
        mapping_from_text(text, "crm.yaml")
    issues = list(refused.value.issues)
    assert {issue.code for issue in issues} == {"bad_mapping"}
    assert {issue.table for issue in issues} == {"crm.yaml"}
    return issues


def fault(text: str) -> Issue:
    """Return the only issue for which a mapping is refused."""
    (issue,) = faults(text)
    return issue


def with_lead_column(recipe: str) -> str:
    """Return the small mapping with one more column of leads, on line 8."""
    return SMALL.replace("      owner: Owner\n", f"      {recipe}\n      owner: Owner\n")


def with_rep_column(recipe: str) -> str:
    """Return the small mapping with one more column of reps."""
    return SMALL.replace("regions: Area", f"regions: Area, {recipe}")


def test_a_table_has_the_parts_that_the_contract_names() -> None:
    assert list(Tables.model_fields) == list(TABLES)


def test_short_forms() -> None:
    mapping = mapping_from_text(with_lead_column("amount: {column: Value, missing: 5}"))
    leads, reps = mapping.tables.leads[0], mapping.tables.reps[0]
    assert leads.files == ("crm.csv",)
    assert reps.files == ("team.csv", "contractors.csv")
    assert leads.columns["lead_id"].column == "Id"
    missing = leads.columns["amount"].missing
    assert missing is not None
    assert missing.constant == "5"
    assert mapping.snapshot.timezone == "UTC"


def test_values_are_text_as_written() -> None:
    values = "{007: agent, 1.50: 2.5, yes: true, none: null, NO: Norway}"
    mapping = mapping_from_text(with_lead_column(f"status: {{column: S, values: {values}}}"))
    assert mapping.tables.leads[0].columns["status"].values == {
        "007": "agent",
        "1.50": "2.5",
        "yes": "true",
        "none": "",
        "NO": "Norway",
    }


def test_files_are_named_once_in_order_of_use() -> None:
    lookup = "region: {column: Town, lookup: {in: towns.csv, key: Town, value: Region}}"
    assert mapping_from_text(with_lead_column(lookup)).file_names() == (
        "crm.csv",
        "team.csv",
        "contractors.csv",
        "towns.csv",
    )


def test_the_text_of_a_fault() -> None:
    assert fault(with_lead_column("amuont: Value")).text() == (
        "error bad_mapping: crm.yaml, line 8, tables.leads.columns.amuont: "
        "the mapping file is malformed; got the unknown column 'amuont'; allowed: lead_id, "
        "region, industry, product, needs, language, grade, stage, source, company, amount, "
        "currency, win_probability, effort_hours, urgency, owner, owned_since, last_activity, "
        "created, open_task, family, email, phone, latitude, longitude, postal_code, status. "
        "The nearest is 'amount'."
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "allowed", "fix"),
    [
        (SMALL.replace("from: crm", "form: crm"), 5, "tables.leads.form", "from, where", "'from'"),
        (SMALL.replace("tables:", "tabels: {}\ntables:"), 3, "tabels", "sources", "'tables'"),
        (
            SMALL.replace("currency: EUR", "currency: EUR, zone: UTC"),
            2,
            "snapshot.zone",
            "as_of",
            "",
        ),
        (SMALL.replace("  leads:", "  lead:"), 4, "tables.lead", "leads, reps, history", "'leads'"),
        (
            with_lead_column("stage: {column: S, lookup: {inn: a.csv, key: k, value: v}}"),
            8,
            "tables.leads.columns.stage.lookup.inn",
            "in, key, value",
            "'in'",
        ),
        (
            with_lead_column("stage: {column: S, missing: {colunm: T}}"),
            8,
            "tables.leads.columns.stage.missing.colunm",
            "column, constant, join",
            "'column'",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_its_line_and_the_nearest(
    text: str, line: int, column: str, allowed: str, fix: str
) -> None:
    found = [issue for issue in faults(text) if issue.got.startswith("the unknown key")]
    assert [(issue.line, issue.column) for issue in found] == [(line, column)]
    assert allowed in found[0].allowed
    assert fix in found[0].fix


@pytest.mark.parametrize(
    ("recipe", "allowed"),
    [
        ("amount: 7", "put quotes around a column name"),
        ("amount: {values: {a: b}}", "exactly one of column, constant, join and mean_book"),
        ("amount: {column: A, constant: 1}", "exactly one of"),
        ("amount: {constant: 1, unit: cents}", "taken as it is"),
        ("amount: {column: A, unit: dollars}", "one of cents, thousands, millions"),
        ("grade: {column: A, unit: percent}", "grade has no unit"),
        ("amount: {column: A, format: '1.234.56'}", "1,234.56 or 1.234,56"),
        ("amount: {column: A, format: '1,234,56'}", "1,234.56 or 1.234,56"),
        ("created: {column: A, format: DD.MM}", "YYYY, MM and DD"),
        ("created: {column: A, format: YYYY-MM-DD YYYY}", "each once"),
        ("created: {column: A, format: YYYY-MM-DD hh}", "hours and minutes go together"),
        ("created: {column: A, format: YYYY-MM-DD AM}", "ss and AM need them"),
        ("grade: {column: A, format: YYYY-MM-DD}", "for numbers and times"),
        ("grade: {column: A, divided_by: '|'}", "for lists and region paths"),
        ("amount: {join: [A, B]}", "text, an id, a list"),
        ("region: {join: [A]}", "at least 2 items"),
        ("stage: {column: A, other: error}", "`other` needs `values`"),
        ("stage: {column: A, values: {a: [b]}}", "must be a single value"),
        ("max_leads: A", "lead_id, region"),
        ("amount: {mean_book: {by: team}}", "for columns of reps"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused_at_its_line(recipe: str, allowed: str) -> None:
    issues = faults(with_lead_column(recipe))
    assert {issue.line for issue in issues} == {8}
    assert allowed in " ".join(issue.allowed for issue in issues)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (SMALL.replace("version: 1", "version: 2"), "less than or equal to 1"),
        (SMALL.replace("currency: EUR", "currency: euro"), "three capitals"),
        (SMALL.replace("00:00Z", "00:00"), "should have timezone info"),
        (SMALL.replace("EUR}", "EUR, timezone: Mars/Olympus}"), "IANA time zone"),
        (SMALL.replace("      lead_id: Id\n", ""), "the column 'lead_id': identifies the lead"),
        (SMALL.replace("from: crm.csv", "from: []"), "at least 1 item"),
        (SMALL.replace("regions: Area", "regions: Area, lead_id: Id"), "rep_id, name, team"),
        (SMALL + "    keep: {team: Team}\n", "team goes under `columns`"),
        (SMALL + "sources: {tame.csv: {}}\n", "a file that a table reads"),
        (SMALL + "sources: {team.csv: {delimiter: x}}\n", "',', ';'"),
        (SMALL + "sources: {team.csv: {encoding: latin-1}}\n", "'utf-8'"),
        (SMALL + "    where: {Age: {at_least: 7}}\n", "this one is text"),
        (SMALL + "    where: {Age: {atleast: 7}}\n", "at_least"),
        (with_rep_column("max_leads: {mean_book: {by: tema}, }"), "rep_id, regions"),
        (with_rep_column("max_leads: {mean_book: {by: max_leads}}"), "rep_id, regions"),
        (with_rep_column("max_leads: {mean_book: {times: 0}}"), "greater than 0"),
        (
            with_rep_column("max_leads: {mean_book: {}}").replace("      owner: Owner\n", ""),
            "leads whose owner is mapped",
        ),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(text: str, allowed: str) -> None:
    assert allowed in fault(text).allowed


def test_every_fault_is_told_at_once() -> None:
    text = with_lead_column("amuont: Value").replace("rep_id: Name", "rep: Name")
    assert [issue.column for issue in faults(text)] == [
        "tables.leads.columns.amuont",
        "tables.reps.columns.rep",
        "tables.reps.columns",
    ]


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("version: 1\nversion: 1\n", "line 2: 'version' stands twice; remove one of them"),
        ("version: [1\n", "line 2: not YAML"),
        ("", "None"),
        ("- 1\n", "[1]"),
    ],
)
def test_what_is_no_mapping_at_all(text: str, got: str) -> None:
    assert fault(text).got.startswith(got)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "crm.yaml"
    path.write_text(SMALL)
    assert read_mapping(path) == mapping_from_text(SMALL)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml: .*the file cannot be read"):
        read_mapping(tmp_path / "none.yaml")


def test_a_recipe_describes_itself() -> None:
    text = with_rep_column(
        "max_leads: {column: Cap, missing: {mean_book: {by: regions, times: 1.1}}}, "
        "name: {join: [First, {constant: Lee}]}, "
        "team: {column: Boss, lookup: {in: bosses.csv, key: Boss, value: Team}}"
    )
    recipes = mapping_from_text(text).tables.reps[0].columns
    assert recipes["max_leads"].missing is not None
    assert recipes["max_leads"].missing.describe() == "1.1 times the mean book by regions"
    assert recipes["name"].describe() == "First and the constant 'Lee'"
    assert recipes["team"].describe() == "Boss, looked up in bosses.csv"
