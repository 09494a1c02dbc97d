"""`fairlead baseline`: every policy by name, its scopes, and what it prints and writes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from models.files.plan_files import read_plan
from planner.engines.baselines.routers import ROUTERS
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


def test_help_and_docs_name_every_policy(fairlead: Command) -> None:
    told = re.sub(r"[\s│]+", " ", fairlead("baseline", "--help").stdout)
    listed = told.split("all of them, or one: ")[1].split(".")[0].split(", ")
    assert listed == list(ROUTERS)
    page = (ROOT / "docs" / "simple-policies.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(ROUTERS)


def test_all_of_them_are_one_table_and_a_directory_each(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    told = fairlead("baseline", demo, "--rule", "all", "--out", tmp_path / "b")
    assert told.returncode == 0, told.stderr
    rows = [line.split()[0] for line in told.stdout.splitlines() if line[:1].islower()]
    assert rows == list(ROUTERS)
    assert sorted(path.name for path in (tmp_path / "b").iterdir()) == sorted(ROUTERS)
    for name in ROUTERS:
        record = read_plan(tmp_path / "b" / name).record
        assert (record.engine, record.feasible) == (name, True)


def test_json_of_all_and_of_one(fairlead: Command, demo: Path) -> None:
    every = json.loads(fairlead("baseline", demo, "--json").stdout)
    assert list(every) == list(ROUTERS)
    one = json.loads(fairlead("baseline", demo, "--rule", "odoo_weighted", "--json").stdout)
    assert one["kpis"] == every["odoo_weighted"]["kpis"]


def test_new_leads_only(fairlead: Command, demo: Path) -> None:
    told = fairlead("baseline", demo, "--rule", "round_robin", "--leads", "new", "--json")
    kpis = json.loads(told.stdout)["kpis"]
    assert kpis["moves"] == kpis["forced_moves"]


def test_uncapped_tells_the_breaches(fairlead: Command, demo: Path) -> None:
    told = fairlead("baseline", demo, "--rule", "greedy", "--uncapped", "--json")
    assert told.returncode == 0
    record = json.loads(told.stdout)
    assert record["feasible"] is False
    assert record["breaches"]


def test_a_further_column_may_name_the_rep(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    company = tmp_path / "acme"
    company.mkdir()
    for path in demo.iterdir():
        if path.is_file():
            (company / path.name).write_bytes(path.read_bytes())
    leads = pd.read_csv(company / "leads.csv", dtype="str")
    plan = read_plan(demo / "plan").assignments.set_index("lead_id")["rep_id"]
    leads["account_manager"] = leads["lead_id"].map(plan)
    leads.to_csv(company / "leads.csv", index=False)
    options = ("--rule", "frappe_by_field", "--json", "--field")
    told = fairlead("baseline", company, *options, "account_manager")
    assert told.returncode == 0, told.stderr
    record = json.loads(told.stdout)
    assert record["hashes"]["plan"] == read_plan(demo / "plan").record.hashes["plan"]
    unknown = fairlead("baseline", company, *options, "boss")
    assert unknown.returncode == 2
    assert "no column 'boss'" in unknown.stderr


@pytest.mark.parametrize("name", ["best", "Greedy"])
def test_an_unknown_name_is_refused(fairlead: Command, demo: Path, name: str) -> None:
    refused = fairlead("baseline", demo, "--rule", name)
    assert refused.returncode == 2
    assert f"no policy is called '{name}'; there are greedy, round_robin, " in refused.stderr
