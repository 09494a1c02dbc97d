"""Tests of the import: a CRM's files and a mapping in, the tables of a company out."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, UsageError
from models.files.importer import ImportResult, import_tables, write_tables
from models.files.mapping_reader import mapping_from_text
from models.files.snapshot_files import read_snapshot
from models.issues import shown
from tests.import_desk import HEADER, REPS, TEAM, Desk, of, only, table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A place with an empty folder for sources."""
    folder = tmp_path / "export"
    folder.mkdir()
    return Desk(folder)


# Records: filters, several files, several systems


def test_records_left_out_are_counted_with_the_reason(desk: Desk) -> None:
    leads = """
from: crm.csv
where: {Stage: [Open, New], Owner: {missing: false}}
columns: {lead_id: Id}
"""
    crm = "Id,Stage,Owner\n1,Open,a\n2,Won,a\n3,Won,\n4,Lost,a\n5,Open,\n6,New,b\n"
    result = desk.run(leads, crm=crm)
    assert result.tables["leads"].frame["lead_id"].tolist() == ["1", "6"]
    assert [result.tables["leads"].line(at) for at in range(2)] == [2, 7]
    issue = only(result, "rows_filtered")
    assert (issue.line, issue.count) == (3, 4)
    assert issue.got == "Stage: 'Won' 2, 'Lost' 1; Owner: '' 2"


def test_a_filter_for_a_value_that_no_record_has_is_a_warning(desk: Desk) -> None:
    leads = "from: crm.csv\nwhere: {Stage: [Open, Prospectng]}\ncolumns: {lead_id: Id}"
    result = desk.run(leads, crm="Id,Stage\n1,Open\n2,Prospecting\n")
    issue = only(result, "where_value_absent")
    assert (issue.column, issue.got, issue.fix) == (
        "Stage",
        "'Prospectng'",
        "The nearest is 'Prospecting'.",
    )


def test_files_with_the_same_columns_are_joined(desk: Desk) -> None:
    leads = "from: [east.csv, west.csv]\ncolumns: {lead_id: Id, amount: V}"
    result = desk.run(
        leads, east="Id,V\n1,10\n2,x\n", west="V,Id,More\n30,3\n,1\n".replace("Id,More", "Id")
    )
    assert result.tables["leads"].frame.to_dict("list") == {
        "lead_id": ["1", "2", "3", "1"],
        "amount": ["10", "x", "30", ""],
    }
    number = only(result, "not_a_number")
    assert (number.table, number.source, number.line) == ("leads", "east.csv", 3)
    twice = only(result, "duplicate_id")
    assert (twice.source, twice.line) == ("west.csv", 3)
    assert "line 2 of east.csv" in twice.allowed


def test_a_pattern_names_every_file_that_fits(desk: Desk) -> None:
    result = desk.run(
        "from: crm-*.csv\ncolumns: {lead_id: Id}", **{"crm-02": "Id\n2\n", "crm-01": "Id\n1\n"}
    )
    assert result.tables["leads"].frame["lead_id"].tolist() == ["1", "2"]


def test_systems_with_different_columns_make_one_table(desk: Desk) -> None:
    leads = """
- from: sf.csv
  columns: {lead_id: {join: [{constant: SF}, Id]}, amount: Amount}
  keep: {campaign: Campaign}
- from: hubspot.csv
  columns: {lead_id: {join: [{constant: HS}, Record ID]}, grade: Label}
"""
    result = desk.run(leads, sf="Id,Amount,Campaign\n1,5,x\n", hubspot="Record ID,Label\n1,A\n")
    assert result.tables["leads"].frame.to_dict("list") == {
        "lead_id": ["SF-1", "HS-1"],
        "grade": ["", "A"],
        "amount": ["5", ""],
        "campaign": ["x", ""],
    }
    assert result.header.keep == {"leads": ("campaign",)}
    assert result.snapshot is not None
    assert result.snapshot.leads["campaign"].tolist()[1] == "x"


def test_a_file_may_use_another_delimiter(desk: Desk) -> None:
    rest = 'sources: {crm.csv: {delimiter: ";"}}\n'
    result = desk.run(
        "from: crm.csv\ncolumns: {lead_id: Id, grade: G}", rest=rest, crm="Id;G\n1;a,b\n"
    )
    assert result.tables["leads"].frame["grade"].tolist() == ["a,b"]


def test_parquet_cells_are_what_their_text_would_be(desk: Desk) -> None:
    frame = pd.DataFrame(
        {
            "Id": pd.array([9007199254740993, None], dtype="Int64"),
            "Value": [0.1, 3.0],
            "Since": np.array(["2026-01-31", "NaT"], dtype="datetime64[us]"),
            "Open": [True, False],
            "Skills": [["audit", "tax"], []],
        }
    )
    frame.to_parquet(desk.folder / "crm.parquet")
    result = desk.run(
        "from: crm.parquet\n"
        "columns: {lead_id: Id, amount: Value, created: Since, open_task: Open, needs: Skills}"
    )
    leads = result.tables["leads"].frame
    assert leads["lead_id"].tolist() == ["9007199254740993", ""]
    assert leads["amount"].tolist() == ["0.1", "3"]
    assert leads["created"].tolist() == ["2026-01-31 00:00:00", ""]
    assert leads["open_task"].tolist() == ["True", "False"]
    assert leads["needs"].tolist() == ["audit;tax", ""]
    assert only(result, "missing_id").line == 2


def test_a_parquet_column_of_records_is_refused(desk: Desk) -> None:
    frame = pd.DataFrame({"Id": ["1", "2"], "Site": [{"city": "Rom"}, None]})
    frame.to_parquet(desk.folder / "crm.parquet")
    result = desk.run("from: crm.parquet\ncolumns: {lead_id: Id, region: Site}")
    issue = only(result, "wrong_type")
    assert (issue.table, issue.column, issue.got) == ("crm.parquet", "Site", "dict")
    assert not result.complete


# Dirt


def test_similar_values_are_reported_where_a_rule_would_compare_them(desk: Desk) -> None:
    leads = "from: crm.csv\ncolumns: {lead_id: Id, industry: I, product: P}"
    reps = REPS.replace("Area}", "Area, products: P}")
    crm = "Id,I,P\n1,technology,GTX Pro\n2,technology,GTX Pro\n3,technolgy,GTX Pro\n"
    result = desk.run(leads, reps=reps, crm=crm, team="Name,Area,P\nAnn,US,MG;GTXPro\n")
    found = {
        (issue.table, issue.column, issue.line, issue.got) for issue in of(result, "similar_value")
    }
    assert found == {
        ("leads", "industry", 4, "'technolgy' beside 'technology' (2 cells)"),
        ("reps", "products", 2, "'GTXPro' beside 'GTX Pro' (3 cells)"),
    }


def test_a_value_mapped_to_itself_is_meant_as_it_is(desk: Desk) -> None:
    leads = "from: crm.csv\ncolumns: {lead_id: Id, region: {column: C, values: {Iceland: Iceland}}}"
    result = desk.run(leads, crm="Id,C\n1,Iceland\n2,Ireland\n")
    assert not of(result, "similar_value")
    assert not of(result, "value_mapped")


def test_a_column_of_many_words_is_no_vocabulary(desk: Desk) -> None:
    cities = [f"Newtown{'abcdefghij'[at % 10]}{'klmnopqrst'[at // 10 % 10]}" for at in range(100)]
    leads = "from: crm.csv\ncolumns: {lead_id: Id, region: C}"
    few = desk.run(leads, crm=table(Id=cities, C=cities))
    assert of(few, "similar_value")
    more = [*cities, *(f"Oldtown {at}" for at in range(101))]
    assert not of(desk.run(leads, crm=table(Id=more, C=more)), "similar_value")


def test_columns_and_files_that_nothing_names_are_told(desk: Desk) -> None:
    result = desk.run(
        "from: crm.csv\ncolumns: {lead_id: Id}", crm="Id,Notes\n1,x\n", other="A\n1\n"
    )
    assert [(i.table, i.column) for i in of(result, "unused_column")] == [("crm.csv", "Notes")]
    assert [issue.table for issue in of(result, "unused_source")] == ["other.csv"]


# Faults of the sources: all of them, and nothing written


def test_every_fault_of_the_sources_is_told(desk: Desk, tmp_path: Path) -> None:
    leads = """
from: [crm.csv, late.csv]
columns:
  lead_id: Id
  amount: Amuont
  region: {column: Town, lookup: {in: towns.csv, key: Town, value: Area}}
"""
    result = desk.run(
        leads,
        crm='Id,Amount,Town\n1,2,"x\n',
        late="Id,Amount,Town\n2,3,x\n",
        team="Name,Arae\nAnn\n",
    )
    found = {(issue.code, issue.table, issue.column) for issue in result.issues.errors()}
    assert found == {
        ("unclosed_quote", "crm.csv", ""),
        ("source_column_missing", "late.csv", "Amuont"),
        ("file_missing", "towns.csv", ""),
        ("source_column_missing", "team.csv", "Area"),
        ("wrong_number_of_fields", "team.csv", ""),
    }
    advice = {i.column: i.fix for i in of(result, "source_column_missing")}
    assert advice == {"Amuont": "The nearest is 'Amount'.", "Area": "The nearest is 'Arae'."}
    assert result.snapshot is None
    with pytest.raises(InputError, match="nothing was imported: 5 errors"):
        write_tables(result, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_missing_file_names_the_nearest_given(desk: Desk) -> None:
    result = desk.run("from: crm_leads.csv\ncolumns: {lead_id: Id}", crm_leads_1="Id\n1\n")
    issue = only(result, "file_missing")
    assert (issue.table, issue.fix) == ("crm_leads.csv", "The nearest is 'crm_leads_1.csv'.")


def test_sources_may_be_files_and_folders_but_not_two_of_a_name(desk: Desk, tmp_path: Path) -> None:
    desk.give(crm="Id\n1\n", team=TEAM)
    mapping = mapping_from_text(
        f"{HEADER}  leads: {{from: crm.csv, columns: {{lead_id: Id}}}}\n{REPS}"
    )
    (tmp_path / "crm.csv").write_text("Id\n2\n")
    crm, team = desk.folder / "crm.csv", desk.folder / "team.csv"
    assert import_tables(mapping, [crm, team, desk.folder]).complete
    doubled = import_tables(mapping, [desk.folder, tmp_path / "crm.csv"])
    assert only(doubled, "two_sources").table == "crm.csv"
    absent = import_tables(mapping, [crm, tmp_path / "team.csv"])
    assert {issue.got for issue in of(absent, "file_missing")} == {
        shown(str(tmp_path / "team.csv")),
        "no source of that name",
    }


def test_a_folder_that_cannot_be_listed_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refused)
    issue = only(desk.run("from: crm.csv\ncolumns: {lead_id: Id}"), "unreadable_file")
    assert (issue.table, issue.got) == ("export", "Permission denied")


def test_a_lookup_in_a_file_without_the_column_is_told(desk: Desk) -> None:
    leads = """
from: crm.csv
columns:
  lead_id: Id
  region: {column: Town, lookup: {in: towns.csv, key: Town, value: Aera}}
"""
    result = desk.run(leads, crm="Id,Town\n1,Rom\n", towns="Town,Area\nRom,IT\n")
    issue = only(result, "source_column_missing")
    assert (issue.table, issue.column, issue.fix) == ("towns.csv", "Aera", "The nearest is 'Area'.")


# The as-of time


def test_the_as_of_time_may_be_given_at_the_import(desk: Desk) -> None:
    text = f"{HEADER}  leads: {{from: crm.csv, columns: {{lead_id: Id}}}}\n{REPS}"
    mapping = mapping_from_text(text)
    moment = datetime(2027, 1, 2, 3, tzinfo=UTC)
    assert import_tables(mapping, [desk.folder], as_of=moment).header.as_of == moment
    without = mapping_from_text(text.replace("as_of: 2026-11-01T00:00:00Z, ", ""))
    with pytest.raises(UsageError, match="no as-of time; give --as-of"):
        import_tables(without, [desk.folder])
    with pytest.raises(UsageError, match=r"as_of is .*; write it with its time zone"):
        import_tables(without, [desk.folder], as_of=moment.replace(tzinfo=None))


# Writing


def simple(desk: Desk, *ids: str) -> ImportResult:
    """Return an import of leads that have ids and amounts."""
    leads = "from: crm.csv\ncolumns: {lead_id: Id, amount: Value}\nkeep: {note: Note}"
    crm = table(Id=ids, Value=["5"] * len(ids), Note=["=1+1"] * len(ids))
    return desk.run(leads, crm=crm)


def test_what_is_written_reads_back(desk: Desk, tmp_path: Path) -> None:
    result = simple(desk, "1", "2")
    out = tmp_path / "deep" / "company"
    write_tables(result, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "issues.csv",
        "leads.csv",
        "reps.csv",
        "snapshot.yaml",
    ]
    assert (out / "leads.csv").read_bytes() == b"lead_id,amount,note\n1,5,=1+1\n2,5,=1+1\n"
    snapshot = read_snapshot(out)
    assert result.snapshot is not None
    assert snapshot.content_hash == result.snapshot.content_hash
    assert not [path for path in out.parent.iterdir() if path != out]


def test_issues_of_import_and_validation_are_written_together(desk: Desk, tmp_path: Path) -> None:
    leads = "from: crm.csv\ncolumns: {lead_id: Id, amount: {column: V, values: {none: ''}}}"
    result = desk.run(leads, crm="Id,V\n1,none\n2,-3\n=4,1\n=4,1\n")
    assert result.complete
    assert result.snapshot is None
    write_tables(result, tmp_path / "out")
    issues = pd.read_csv(tmp_path / "out" / "issues.csv", keep_default_na=False)
    assert {"value_mapped", "empty_cells", "out_of_range", "duplicate_id"} == set(issues["code"])
    twice = issues[issues["code"] == "duplicate_id"].iloc[0]
    assert (twice["source"], twice["line"], twice["record"]) == ("crm.csv", 5, "'=4")
    with pytest.raises(InputError, match="cannot be planned"):
        read_snapshot(tmp_path / "out")


def test_a_second_import_replaces_the_tables_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_tables(simple(desk, "1"), out)
    (out / "policy.yaml").write_text("kept")
    (out / "plan").mkdir()
    (out / "plan" / "plan.json").write_text("kept")
    (out / "pins.csv").write_text("lead_id,rep_id,kind\n")
    write_tables(simple(desk, "2"), out)
    assert read_snapshot(out).leads["lead_id"].tolist() == ["2"]
    assert (out / "policy.yaml").read_text() == "kept"
    assert (out / "plan" / "plan.json").read_text() == "kept"
    assert not (out / "pins.csv").exists()


def test_another_directory_is_not_overwritten(desk: Desk, tmp_path: Path) -> None:
    result = simple(desk, "1")
    other = tmp_path / "photos"
    other.mkdir()
    write_tables(result, other)
    (other / "snapshot.yaml").unlink()
    with pytest.raises(UsageError, match=r"is not empty and holds no snapshot\.yaml"):
        write_tables(result, other)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        write_tables(result, tmp_path / "file")


def test_a_source_is_not_overwritten(desk: Desk) -> None:
    desk.give(leads="Id\n1\n", team=TEAM)
    (desk.folder / "snapshot.yaml").write_text("")
    mapping = mapping_from_text(
        f"{HEADER}  leads: {{from: leads.csv, columns: {{lead_id: Id}}}}\n{REPS}"
    )
    result = import_tables(mapping, [desk.folder])
    with pytest.raises(UsageError, match=r"holds the source leads\.csv"):
        write_tables(result, desk.folder)


# Properties

CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=8
) | st.sampled_from(["", " ", '"', "a,b", "a\nb", "a\rb", "a\r\nb", "=1+1", "0.10", "NULL", "NA"])
"""Any text; what spreadsheets, databases and data frames like to change is met often."""


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_an_identity_mapping_changes_no_cell(
    rows: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("identity")
    desk = Desk(folder / "export")
    desk.folder.mkdir()
    ids, grades, notes = (list(cells) for cells in zip(*rows, strict=True))
    result = desk.run(
        "from: crm.csv\ncolumns: {lead_id: lead_id, grade: grade}\nkeep: {note: note}",
        crm=table(lead_id=ids, grade=grades, note=notes),
    )
    assert result.complete
    assert result.tables["leads"].frame.to_dict("list") == {
        "lead_id": ids,
        "grade": grades,
        "note": notes,
    }
    write_tables(result, folder / "out")
    with (folder / "out" / "leads.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file, strict=True))
    assert written == [["lead_id", "grade", "note"], *map(list, rows)]


@given(
    rows=st.lists(st.tuples(st.sampled_from(["Open", "Won", "", " "]), st.booleans()), max_size=20),
    wanted=st.sampled_from(["Open", "[Open, Won]", "{not: Won}", "{missing: true}"]),
)
def test_no_record_is_lost_without_an_issue_that_counts_it(
    rows: list[tuple[str, bool]], wanted: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(tmp_path_factory.mktemp("lost"))
    lines = [f"{at},{stage}{',' if broken else ''}" for at, (stage, broken) in enumerate(rows)]
    result = desk.run(
        f"from: crm.csv\nwhere: {{Stage: {wanted}}}\ncolumns: {{lead_id: Id}}",
        crm="\n".join(["Id,Stage", *lines]) + "\n",
    )
    lost: Counter[str] = Counter()
    for issue in result.issues:
        lost[issue.code] += issue.count
    imported = len(result.tables["leads"])
    assert imported + lost["rows_filtered"] + lost["wrong_number_of_fields"] == len(rows)
    assert lost["wrong_number_of_fields"] == sum(broken for _, broken in rows)
    assert result.complete == (lost["wrong_number_of_fields"] == 0)
