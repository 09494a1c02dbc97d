"""`fairlead recommend`: what it prints, its JSON, and how it says no."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


def new_leads(demo: Path, directory: Path, **cells: str) -> Path:
    """Write two new leads like the first ones of a company, the second with other cells."""
    leads = pd.read_csv(demo / "leads.csv", dtype="str", keep_default_na=False).head(2)
    leads["lead_id"], leads["created"] = ["N1", "N2"], "2026-11-24T10:00:00Z"
    leads[["owner", "owned_since", "last_activity", "open_task", "email", "phone"]] = ""
    for column, cell in cells.items():
        leads.loc[1, column] = cell
    leads.to_csv(directory / "new.csv", index=False)
    return directory / "new.csv"


def test_reps_are_ranked(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    path = new_leads(demo, tmp_path)
    command = ("recommend", demo, demo / "plan", "--lead", path, "--top", 2)
    told = fairlead(*command)
    assert told.returncode == 0, told.stderr
    assert "N1 to " in told.stdout
    assert "net USD" in told.stdout
    first, second = json.loads(fairlead(*command, "--json", "--expect", 20).stdout)
    assert (first["lead_id"], second["lead_id"]) == ("N1", "N2")
    assert 1 <= len(first["reps"]) <= 2
    for rep in first["reps"]:
        assert abs(rep["score"] - sum(rep["prices"].values()) - rep["net"]) < 1e-6
        assert rep["reasons"]


def test_every_fault_of_a_file_is_named(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    path = new_leads(demo, tmp_path, lead_id="L001", amount="-5", owner="R1")
    told = fairlead("recommend", demo, demo / "plan", "--lead", path)
    assert told.returncode == 2
    for code in ("duplicate_id", "out_of_range", "owned_new_lead"):
        assert code in told.stderr
    assert "Traceback" not in told.stderr
    missing = fairlead("recommend", demo, demo / "plan", "--lead", tmp_path / "none.csv")
    assert (missing.returncode, "file_missing" in missing.stderr) == (2, True)
