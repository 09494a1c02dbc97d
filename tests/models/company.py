"""A small company without a fault: tests change one thing in it and see what is said."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from models.files.snapshot_files import validate_directory
from models.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from models.issues import Issue
    from models.snapshot import Snapshot

    Rows = Sequence[Mapping[str, str]]

HEADER = """schema: 1
as_of: 2026-11-21T00:00:00Z
timezone: America/New_York
currency: USD
"""

_LEADS = """\
lead_id,region,industry,product,needs,language,grade,stage,source,company,amount,currency,\
win_probability,effort_hours,urgency,owner,owned_since,last_activity,created,open_task,family,\
email,phone,latitude,longitude,postal_code,status
L1,US/West/CA,tech,crm,audit;cloud,en,A,new,web,Acme Inc,1200.50,USD,0.4,1.5,2,R1,2026-11-01,\
2026-11-20,2026-10-01T09:30:00Z,1,F1,ann@acme.example,+1 555 010 0001,37.77,-122.42,94103,open
L2,US/East/NY,bank,crm,,en,B,new,fair,Bond Ltd,800,USD,0.2,1,1,R2,2026-11-02,2026-11-19,\
2026-10-02 09:30,0,F2,bob@bond.example,+1 555 010 0002,40.71,-74.01,10001,open
L3,US/East/NY,bank,erp,audit,es,C,won,web,Cobb GmbH,0,USD,1,0,0,R1,2026-11-03,2026-11-18,\
2026-10-03,0,F3,cy@cobb.example,+1 555 010 0003,,,,open
"""
_REPS = """\
rep_id,name,team,regions,industries,products,skills,languages,level,capacity_hours,max_leads,\
base_hours,base_leads,quota,hired,timezone,working_hours,latitude,longitude,active
R1,Rita Ray,west,US/West,*,crm;erp,audit;cloud,en;es,3,40,30,5,2,100000,2020-01-15,\
America/New_York,Mon-Fri 09:00-17:00,37.77,-122.42,1
R2,Ron Roe,east,US/East;MX,bank,*,audit,en,2,20,15,0,0,50000,2024-05-01,,,,,1
"""
_HISTORY = """\
lead_id,rep_id,closed_on,won,amount,region,industry,product
H1,R1,2026-01-10,1,900.5,US/West/CA,tech,crm
H2,R2,2026-02-10,0,,US/East/NY,bank,crm
"""
_ABSENCES = """\
rep_id,starts,ends,kind
R1,2026-12-01,2026-12-05,vacation
R2,2026-12-24T12:00:00Z,2026-12-24T20:00:00Z,sick
"""
_PINS = """\
lead_id,rep_id,kind,reason,expires
L1,R1,fixed,key account,2027-01-01
L2,R1,forbidden,conflict of interest,
"""


def rows_of(text: str) -> list[dict[str, str]]:
    """Return the records of CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


TABLES: dict[str, Rows] = {
    "leads": rows_of(_LEADS),
    "reps": rows_of(_REPS),
    "history": rows_of(_HISTORY),
    "absences": rows_of(_ABSENCES),
    "pins": rows_of(_PINS),
}


def csv_text(rows: Rows, line_end: str = "\n") -> str:
    """Return records as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def files(header: str = HEADER, /, **tables: Rows | str | bytes) -> dict[str, bytes]:
    """Return the company's files; a table given replaces the company's own."""
    contents: dict[str, bytes] = {"snapshot.yaml": header.encode()}
    for name, table in {**TABLES, **tables}.items():
        text = table if isinstance(table, str | bytes) else csv_text(table)
        contents[f"{name}.csv"] = text.encode() if isinstance(text, str) else text
    return contents


def with_cell(table: str, column: str, value: str, record: int = 0) -> dict[str, Rows]:
    """Return a table, by its name, in which one cell is another."""
    rows = [dict(row) for row in TABLES[table]]
    for at, row in enumerate(rows):
        row[column] = value if at == record else row.get(column, "")
    return {table: rows}


def with_row(table: str, **cells: str) -> dict[str, Rows]:
    """Return a table, by its name, with one more record, which is empty but for these cells."""
    rows = TABLES[table]
    empty = dict.fromkeys([*rows[0], *cells], "")
    return {table: [*({**empty, **row} for row in rows), {**empty, **cells}]}


def write(directory: Path, contents: Mapping[str, bytes]) -> Path:
    """Write files into a directory, and return it."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return directory


def validated(directory: Path) -> tuple[Snapshot | None, IssueLog]:
    """Return the snapshot of a directory, if it is one, and its issues."""
    issues = IssueLog()
    return validate_directory(directory, issues), issues


def issues_of(directory: Path, contents: Mapping[str, bytes]) -> list[Issue]:
    """Return what validation says about a company's files."""
    return list(validated(write(directory, contents))[1])
