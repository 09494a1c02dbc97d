"""Tests of recipes: how a mapping makes the cells of a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.import_desk import REPS, Desk, of, only, table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A place with an empty folder for sources."""
    folder = tmp_path / "export"
    folder.mkdir()
    return Desk(folder)


@pytest.mark.parametrize(
    ("name", "recipe", "cells", "made"),
    [
        ("grade", "A", ["a", " b ", "", 'ü"\n,'], ["a", " b ", "", 'ü"\n,']),
        ("grade", "{constant: B}", ["x", "y"], ["B", "B"]),
        ("grade", "{column: A, values: {Hot: A}}", ["Hot", "hot", ""], ["A", "hot", ""]),
        (
            "grade",
            "{column: A, values: {a: '', b: c}, other: clear}",
            ["a", "b", "d"],
            ["", "c", ""],
        ),
        ("grade", "{column: A, missing: {constant: C}}", ["a", "", "  "], ["a", "C", "C"]),
        ("grade", "{column: A, missing: Id}", ["a", ""], ["a", "L1"]),
        ("grade", "{column: A, missing: Id}", ["a", "b"], ["a", "b"]),
        (
            "effort_hours",
            "{column: A, unit: minutes}",
            ["90", "50", ""],
            ["1.5", "0.8333333333333334", ""],
        ),
        ("effort_hours", "{column: A, unit: days}", ["0.5", "1e1"], ["4", "80"]),
        (
            "amount",
            "{column: A, unit: thousands}",
            ["0.1", "12", "1.005"],
            ["100", "12000", "1005"],
        ),
        ("amount", "{column: A, unit: cents}", ["1", "250"], ["0.01", "2.5"]),
        (
            "win_probability",
            "{column: A, unit: percent}",
            ["45", "45 %", "7.5%"],
            ["0.45", "0.45", "0.075"],
        ),
        (
            "amount",
            "{column: A, format: '1,234.56'}",
            ["1,200.50", "12", "1,000,000"],
            ["1200.50", "12", "1000000"],
        ),
        ("amount", "{column: A, format: '1.234,56'}", ["1.200,5", "-7,25"], ["1200.5", "-7.25"]),
        (
            "amount",
            "{column: A, format: '1 234,56'}",
            ["1\u00a0200,5", "1 200"],
            ["1200.5", "1200"],
        ),
        ("amount", "{column: A, format: '1234,56'}", ["1200,5"], ["1200.5"]),
        ("amount", "{column: A, format: '1,234.56', unit: millions}", ["1,000.5"], ["1000500000"]),
        (
            "created",
            "{column: A, format: DD.MM.YYYY}",
            ["31.12.2025", "1.2.2026"],
            ["2025-12-31", "2026-02-01"],
        ),
        (
            "created",
            "{column: A, format: 'MM/DD/YYYY hh:mm AM'}",
            ["12/31/2025 11:59 PM", "1/2/2026 12:05 am"],
            ["2025-12-31T23:59:00", "2026-01-02T00:05:00"],
        ),
        (
            "created",
            "{column: A, format: YYYYMMDDhhmmss}",
            ["20251231235958"],
            ["2025-12-31T23:59:58"],
        ),
        (
            "created",
            "{column: A, unit: epoch milliseconds}",
            ["1767225600123"],
            ["2026-01-01T00:00:00.123000Z"],
        ),
        ("created", "{column: A, unit: epoch seconds}", ["1767225600"], ["2026-01-01T00:00:00Z"]),
        (
            "region",
            "{column: A, divided_by: ' > '}",
            ["US > West > CA", "US"],
            ["US/West/CA", "US"],
        ),
        ("needs", "{column: A, divided_by: ','}", ["audit,cloud", ""], ["audit;cloud", ""]),
        ("region", "{join: [{constant: US}, A]}", ["CA", ""], ["US/CA", "US"]),
        ("needs", "{join: [A, {constant: tax}]}", ["audit", ""], ["audit;tax", "tax"]),
        ("company", "{join: [A, {constant: Ltd}]}", ["Acme", ""], ["Acme Ltd", "Ltd"]),
        ("family", "{join: [{constant: SF}, A]}", ["7", ""], ["SF-7", ""]),
    ],
)
def test_a_recipe_makes_cells(
    desk: Desk, name: str, recipe: str, cells: list[str], made: list[str]
) -> None:
    assert desk.column(recipe, cells, name) == made


@pytest.mark.parametrize(
    ("name", "recipe", "cell"),
    [
        ("effort_hours", "{column: A, unit: minutes}", "1h"),
        ("effort_hours", "{column: A, unit: minutes}", "1e400"),
        ("amount", "{column: A, unit: thousands}", "1e307"),
        ("effort_hours", "{column: A, unit: days}", "1e-999999999"),
        ("win_probability", "{column: A, unit: percent}", "45 %%"),
        ("amount", "{column: A, format: '1,234.56'}", "1.200,50"),
        ("amount", "{column: A, format: '1.234,56'}", "1.5"),
        ("amount", "{column: A, format: '1,234.56'}", "12,00"),
        ("created", "{column: A, format: DD.MM.YYYY}", "31.02.2026"),
        ("created", "{column: A, format: DD.MM.YYYY}", "2026-02-01"),
        ("created", "{column: A, format: 'DD.MM.YYYY hh:mm AM'}", "01.02.2026 13:00 PM"),
        ("created", "{column: A, unit: epoch seconds}", "yesterday"),
        ("created", "{column: A, unit: epoch seconds}", "999999999999999"),
        ("region", "{column: A, divided_by: '>'}", "US>Washington D/C"),
    ],
)
def test_a_cell_in_another_notation_is_an_error(
    desk: Desk, name: str, recipe: str, cell: str
) -> None:
    leads = f"from: crm.csv\ncolumns: {{lead_id: Id, {name}: {recipe}}}"
    result = desk.run(leads, crm=table(Id=["1", "2", "3"], A=["", cell, cell]))
    issue = only(result, "not_convertible")
    assert (issue.source, issue.line, issue.column, issue.count) == ("crm.csv", 3, name, 2)
    assert issue.got == repr(cell)
    assert not result.complete


def test_a_value_outside_the_map_is_an_error_if_so_asked(desk: Desk) -> None:
    recipe = "{column: A, values: {Hot: A, Cold: C}, other: error}"
    leads = f"from: crm.csv\ncolumns: {{lead_id: Id, grade: {recipe}}}"
    result = desk.run(leads, crm="Id,A\n1,Hot\n2,Cool\n3,\n4,Cool\n")
    issue = only(result, "unmapped_value")
    assert (issue.line, issue.got, issue.allowed, issue.count) == (3, "'Cool'", "Hot, Cold", 2)
    assert [issue.got for issue in of(result, "value_mapped")] == ["'Hot', now 'A'"]


def test_replaced_values_are_reported_with_their_count(desk: Desk) -> None:
    leads = "from: crm.csv\ncolumns: {lead_id: Id, product: P}"
    mend = "sources: {crm.csv: {values: {P: {GTXPro: GTX Pro, B: B}}}}\n"
    result = desk.run(leads, rest=mend, crm="Id,P\n1,B\n2,GTXPro\n3,GTXPro\n")
    issue = only(result, "value_mapped")
    assert issue.text() == (
        "info value_mapped: crm.csv, line 3, P: a value was replaced, as the mapping says; "
        "got 'GTXPro', now 'GTX Pro'; 2 records. Correct it at the source too, if it is a slip."
    )
    assert result.tables["leads"].frame["product"].tolist() == ["B", "GTX Pro", "GTX Pro"]


def test_personal_values_are_not_shown(desk: Desk) -> None:
    recipe = "{column: E, values: {ann@example.com: a@example.com}, other: error}"
    leads = f"from: crm.csv\ncolumns: {{lead_id: Id, email: {recipe}}}"
    result = desk.run(leads, crm="Id,E\n1,ann@example.com\n2,bob@example.com\n")
    assert only(result, "value_mapped").count == 1
    assert only(result, "unmapped_value").line == 3
    shown = " ".join(issue.got + issue.fix for issue in result.issues)
    assert "@" not in shown


def test_a_column_gone_wrong_is_reported_in_at_most_a_hundred_and_one_issues(desk: Desk) -> None:
    leads = "from: crm.csv\ncolumns: {lead_id: Id, effort_hours: {column: A, unit: minutes}}"
    ids = [str(at) for at in range(250)]
    result = desk.run(leads, crm=table(Id=ids, A=[f"{at}h" for at in range(125)] * 2))
    issues = of(result, "not_convertible")
    assert len(issues) == 101
    assert sum(issue.count for issue in issues) == 250
    assert (issues[-1].line, issues[-1].got) == (102, "and 25 more values, from this line on")


# Lookups

TOWNS = "Town,Area,Zone\nBerlin,DE,1\nParis,FR,2\nRom,,3\n"
TOWN_LEADS = """
from: crm.csv
columns:
  lead_id: Id
  region: {column: Town, lookup: {in: towns.csv, key: Town, value: Area}}
"""


def test_a_lookup_takes_the_answer_and_reports_a_miss_with_the_nearest(desk: Desk) -> None:
    result = desk.run(TOWN_LEADS, crm="Id,Town\n1,Berlin\n2,Berlln\n3,\n4,Rom\n", towns=TOWNS)
    assert result.tables["leads"].frame["region"].tolist() == ["DE", "", "", ""]
    assert only(result, "lookup_missed").text() == (
        "warning lookup_missed: leads from crm.csv, line 3, region: the value is not in the table "
        "it is looked up in; got 'Berlln'; allowed: a value of Town in towns.csv. "
        "The nearest is 'Berlin'."
    )
    assert only(result, "empty_cells").count == 3


def test_a_key_with_two_answers_is_an_error(desk: Desk) -> None:
    towns = f"{TOWNS}Berlin,DE,4\nParis,US,5\n,X,6\n,Y,7\n"
    result = desk.run(TOWN_LEADS, crm="Id,Town\n1,Berlin\n", towns=towns)
    issue = only(result, "lookup_ambiguous")
    assert (issue.table, issue.line, issue.column, issue.count) == ("towns.csv", 3, "Town", 2)
    assert issue.got == "'Paris' with Area 'FR' and 'US'"
    assert not result.complete


def test_a_missed_lookup_can_be_filled(desk: Desk) -> None:
    leads = TOWN_LEADS.replace("value: Area}", "value: Area}, missing: Town")
    result = desk.run(leads, crm="Id,Town\n1,US\n2,Paris\n3,\n", towns=TOWNS)
    assert result.tables["leads"].frame["region"].tolist() == ["US", "FR", ""]
    issue = only(result, "default_used")
    assert (issue.line, issue.got, issue.count) == (2, "empty, now from Town", 1)


# Mean books

BOOKS = """
  reps:
    from: team.csv
    columns:
      rep_id: Name
      regions: Area
      max_leads: {column: Cap, missing: {mean_book: {by: regions, times: 1.1, round: up}}}
"""


def test_a_limit_follows_the_mean_book_exactly(desk: Desk) -> None:
    crm = table(Id=[str(at) for at in range(23)], Owner=["Ann"] * 20 + ["Cid", "", "Zoe"])
    team = "Name,Area,Cap\nAnn,US,\nBob,US,\nCid,DE,7\nDan,DE,\n"
    result = desk.run(
        "from: crm.csv\ncolumns: {lead_id: Id, owner: Owner}", reps=BOOKS, crm=crm, team=team
    )
    # US: 20 leads over 2 reps, times 1.1 = 11 and not a hair more; DE: 1 lead over 2, 0.55.
    assert result.tables["reps"].frame["max_leads"].tolist() == ["11", "11", "7", "1"]
    assert only(result, "default_used").count == 3


@pytest.mark.parametrize(
    ("mean", "made"),
    [
        ("{}", ["1.5", "1.5"]),
        ("{round: down}", ["1", "1"]),
        ("{round: nearest}", ["2", "2"]),
        ("{times: 0.5}", ["0.75", "0.75"]),
    ],
)
def test_a_mean_book_of_all_reps(desk: Desk, mean: str, made: list[str]) -> None:
    reps = REPS.replace("Area}", f"Area, max_leads: {{mean_book: {mean}}}}}")
    crm = "Id,Owner\n1,Ann\n2,Ann\n3,Ann\n"
    result = desk.run("from: crm.csv\ncolumns: {lead_id: Id, owner: Owner}", reps=reps, crm=crm)
    assert result.tables["reps"].frame["max_leads"].tolist() == made
