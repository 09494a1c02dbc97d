"""What snapshot.yaml must say, and what a snapshot knows."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from models.columns import Kind
from models.errors import InputError
from models.files.snapshot_files import read_header, read_snapshot
from models.issues import IssueLog
from models.snapshot import SnapshotHeader, empty_column
from tests.models.company import HEADER, TABLES, files, validated, with_cell, write

GOOD: dict[str, Any] = {"schema": 1, "as_of": "2026-11-21T00:00:00Z", "currency": "USD"}


@pytest.mark.parametrize(
    "written", ["2026-11-21T02:00:00+02:00", "2026-11-20 19:00-05:00", "2026-11-21T00:00Z"]
)
def test_as_of_is_one_moment_however_it_is_written(written: str) -> None:
    header = SnapshotHeader.model_validate({**GOOD, "as_of": written})
    assert header.as_of == datetime(2026, 11, 21, tzinfo=UTC)
    assert header.as_of.utcoffset() == datetime(2026, 11, 21, tzinfo=UTC).utcoffset()


@pytest.mark.parametrize("written", [20261121, 1.5, True, "1514678400", "2026-11-21", None])
def test_a_number_is_no_moment(written: object) -> None:
    with pytest.raises(ValidationError, match="as_of"):
        SnapshotHeader.model_validate({**GOOD, "as_of": written})


def test_the_header_says_what_is_wrong_with_each_key(tmp_path: Path) -> None:
    text = "schema: 2\nas_off: now\ntimezone: EST5\nkeep: {lead: [a]}\n"
    issues = IssueLog()
    (tmp_path / "snapshot.yaml").write_text(text)
    assert read_header(tmp_path, issues) is None
    assert [(issue.line, issue.column, issue.got, issue.fix) for issue in issues] == [
        (1, "schema", "2", "Write `schema: 1`."),
        (1, "as_of", "nothing", "Write the moment of the export with its offset, as "
         "`as_of: 2026-11-21T00:00:00Z`."),
        (3, "timezone", "'EST5'", "Write an IANA name, as `timezone: Europe/Berlin`."),
        (1, "currency", "nothing", "Write three capitals (ISO 4217), as `currency: USD`."),
        (4, "keep", "{'lead': ['a']}", "Write a list of columns per table, as "
         "`keep: {leads: [segment, tier]}`."),
        (2, "as_off", "the unknown key 'as_off'", "The nearest is 'as_of'."),
    ]  # fmt: skip


def test_another_ending_is_noticed(tmp_path: Path) -> None:
    issues = IssueLog()
    (tmp_path / "snapshot.yml").write_text(HEADER)
    assert read_header(tmp_path, issues) is None
    assert [issue.fix for issue in issues] == ["Rename snapshot.yml."]


def test_a_bad_header_does_not_hide_what_is_wrong_with_the_tables(tmp_path: Path) -> None:
    contents = files("schema: 1\n", **with_cell("leads", "amount", "abc"))
    _, issues = validated(write(tmp_path, contents))
    assert {issue.code for issue in issues} == {"bad_snapshot_file", "not_a_number"}


def test_columns_are_kept_when_the_header_or_a_policy_names_them(tmp_path: Path) -> None:
    rows = [{**row, "tier": "1", "segment": "x", "other": "y"} for row in TABLES["leads"]]
    write(tmp_path, files(HEADER + "keep: {leads: [tier]}\n", leads=rows))
    snapshot = read_snapshot(tmp_path, keep={"leads": ["segment", "not there"]})
    assert {"tier", "segment"} < set(snapshot.leads.columns)
    assert "other" not in snapshot.leads.columns
    assert "other" in snapshot.present["leads"]
    assert [issue.column for issue in snapshot.issues if issue.code == "unused_column"] == ["other"]


def test_a_company_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such directory"):
        read_snapshot(tmp_path / "nowhere")


def test_a_directory_that_may_not_be_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match="got Permission denied"):
        read_snapshot(write(tmp_path, files()))


def test_a_snapshot_knows_its_owners_and_survives_a_process(tmp_path: Path) -> None:
    snapshot = read_snapshot(write(tmp_path, files(**with_cell("leads", "owner", "", 2))))
    assert (snapshot.num_leads, snapshot.num_reps) == (3, 2)
    assert snapshot.owner_index.tolist() == [0, 1, -1]
    copy = pickle.loads(pickle.dumps(snapshot))  # noqa: S301 - our own bytes
    assert copy.content_hash == snapshot.content_hash


@pytest.mark.parametrize("kind", Kind)
def test_an_absent_column_has_the_type_of_a_present_one(tmp_path: Path, kind: Kind) -> None:
    snapshot = read_snapshot(write(tmp_path, files()))
    column = {
        Kind.PATHS: "regions", Kind.INTEGER: "level", Kind.TIME_ZONE: "timezone",
        Kind.WORKING_HOURS: "working_hours", Kind.TIME: "hired", Kind.FLAG: "active",
        Kind.NUMBER: "quota", Kind.LIST: "skills", Kind.ID: "rep_id", Kind.TEXT: "team",
    }  # fmt: skip
    frame = snapshot.leads if kind is Kind.PATH else snapshot.reps
    present = frame["region" if kind is Kind.PATH else column[kind]]
    assert empty_column(kind, 3).dtype == present.dtype
    assert isinstance(present, pd.Series)


def test_a_fault_of_yaml_has_its_line(tmp_path: Path) -> None:
    issues = IssueLog()
    (tmp_path / "snapshot.yaml").write_text("schema: 1\nas_of: *now\n")
    assert read_header(tmp_path, issues) is None
    assert [(issue.line, issue.got) for issue in issues] == [
        (2, "not YAML: aliases (*name) are not allowed; repeat the part")
    ]
