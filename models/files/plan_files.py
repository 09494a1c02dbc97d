"""Writes and reads plan directories: enough for reports and comparisons without the tables."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from models.errors import PlanFileError
from models.files.csv_writer import fused, write_csv
from models.files.directories import replaced_directory
from models.files.own_parquet import read_frame
from models.plan import REFERENCE, SCHEMA, Plan, PlanRecord

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "plan.json"
POLICY, ISSUES = "policy.yaml", "issues.csv"
COLUMNS = {
    "assignments": ("lead_id", "rep_id", "owner", "moved", "expected_value", "score", "reason"),
    "reps": ("rep_id", "team", "active", "count", "effort_hours", "expected_value"),
    "prices": ("resource", "group", "label", "price", "unit"),
    "multipliers": ("lead_id", "multiplier"),
    REFERENCE: ("lead_id", "rep_id"),
}
TABLES = ("assignments", "reps", "prices")
MULTIPLIERS = "multipliers"
OPTIONAL = (MULTIPLIERS, REFERENCE)
FILES = {
    RECORD,
    *(f"{name}.parquet" for name in COLUMNS),
    "assignments.csv",
    "reps.csv",
    "unassigned.csv",
    ISSUES,
    POLICY,
}


def write_plan(plan: Plan, directory: Path) -> None:
    """Write a plan directory; it appears whole or not at all, and replaces only an older plan.

    Raises
    ------
    PlanFileError : the place is taken by something else, or cannot be written
    """
    check_place(directory)
    try:
        with replaced_directory(directory) as new:
            _write_files(plan, new)
    except OSError as error:
        raise PlanFileError(f"{directory} cannot be written: {error.strerror}") from error


def check_place(directory: Path) -> None:
    """Raise PlanFileError unless a plan may be written there: a new place, or an older plan's.

    A directory that holds anything else is refused, since it is replaced as a whole.
    """
    if directory.is_dir():
        others = sorted({path.name for path in directory.iterdir()} - FILES)
        if others:
            raise PlanFileError(
                f"{directory} is not only a plan: it holds {', '.join(others[:3])}"
                f"{' ...' if len(others) > 3 else ''}; choose another --out, or move them away"
            )
    elif directory.exists():
        raise PlanFileError(f"{directory} is not a directory; choose another --out")
    else:
        above = next(path for path in directory.resolve().parents if path.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise PlanFileError(f"{directory} cannot be made: {above} is not a writable directory")


def _write_files(plan: Plan, new: Path) -> None:
    record = plan.record.model_dump_json(by_alias=True, indent=2)
    (new / RECORD).write_text(record + "\n", encoding="utf-8")
    for name in TABLES:
        getattr(plan, name).to_parquet(new / f"{name}.parquet", index=False)
    for name in OPTIONAL:
        table = getattr(plan, name)
        if table is not None:
            table.to_parquet(new / f"{name}.parquet", index=False)
    for_people = {"assignments.csv": plan.assignments, "reps.csv": plan.reps}
    for_people |= {"unassigned.csv": plan.unassigned, ISSUES: plan.issues}
    for file, table in for_people.items():
        write_csv(table, new / file, defuse=True)
    (new / POLICY).write_text(plan.policy_text, encoding="utf-8")


def read_plan(directory: Path) -> Plan:
    """Return the plan of a directory.

    Raises
    ------
    PlanFileError : missing, damaged, or of another schema
    """
    path = directory / RECORD
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PlanFileError(
            f"{directory} is not a plan: {RECORD} cannot be read ({error.strerror})"
        ) from None
    except ValueError as error:
        raise PlanFileError(f"{path} is damaged: {error}") from None
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        got = data.get("schema") if isinstance(data, dict) else type(data).__name__
        raise PlanFileError(f"{path} has schema {got!r}; this version reads {SCHEMA!r}")
    try:
        record = PlanRecord.model_validate(data)
        names = [*TABLES]
        names += [MULTIPLIERS] * (record.knapsack is not None)
        names += [REFERENCE] * any(stage.name == REFERENCE for stage in record.stages)
        tables = {name: read_frame(directory / f"{name}.parquet") for name in names}
        issues = pd.read_csv(directory / ISSUES, keep_default_na=False)
        issues = issues.map(lambda cell: fused(cell) if isinstance(cell, str) else cell)
        policy_text = (directory / POLICY).read_text(encoding="utf-8")
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise PlanFileError(f"{path} is damaged: {where}: {fault['msg']}") from None
    except (OSError, ValueError, pa.ArrowException) as error:
        raise PlanFileError(f"{directory} is damaged: {error}") from None
    for name, table in tables.items():
        missing = [column for column in COLUMNS[name] if column not in table]
        if missing:
            raise PlanFileError(
                f"{directory} is damaged: {name}.parquet has no column {', '.join(missing)}"
            )
    return Plan(record, issues=issues, policy_text=policy_text, **tables)
