"""`fairlead what-if` and `fairlead sweep`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models.files.plan_files import read_plan
from tests.policies import policy_data, yaml_text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


def test_scenarios_beside_each_other(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    first = read_plan(demo / "plan").reps["rep_id"].iloc[0]
    (tmp_path / "leaves.yaml").write_text(
        f"name: one leaves\nchanges:\n  - rep_leaves: {{reps: [{first}]}}\n", encoding="utf-8"
    )
    (tmp_path / "wrong.yaml").write_text(
        "name: wrong\nchanges:\n  - rep_leaves: {reps: [Nobody]}\n", encoding="utf-8"
    )
    told = fairlead(
        "what-if",
        demo,
        *("--scenario", tmp_path / "leaves.yaml", "--scenario", tmp_path / "wrong.yaml"),
        *("--from", demo / "plan", "--out", tmp_path / "out", "--time-limit", 20),
    )
    assert told.returncode == 1
    assert "there is no rep 'Nobody'" in " ".join(told.stdout.split())
    assert "one leaves" in told.stdout
    assert "3 of 3" in told.stderr
    plan = read_plan(tmp_path / "out" / "one-leaves")
    assert plan.record.feasible
    assert first not in set(plan.assignments["rep_id"].dropna())


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a company of four leads and two reps, who have room for one each."""
    directory = tmp_path / "small"
    directory.mkdir()
    for name, text in {
        "snapshot.yaml": "schema: 1\nas_of: 2026-11-20T18:00:00Z\ntimezone: UTC\ncurrency: USD\n",
        "leads.csv": "lead_id,amount,win_probability\nL1,100,1\nL2,80,1\nL3,60,1\nL4,40,1\n",
        "reps.csv": "rep_id,regions,max_leads\nR1,*,1\nR2,*,1\n",
        "policy.yaml": yaml_text(
            policy_data(capacity=[{"measure": "count", "at_most": "max_leads"}])
        ),
        "scenario.yaml": yaml_text(
            {
                "name": "one joins",
                "changes": [
                    {"rep_joins": {"rep_id": "N1", "like": "R1", "set": {"max_leads": 2}}},
                    {"part_time": {"rep_id": "N1", "share": "50%"}},
                ],
            }
        ),
    }.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_effects_of_changes(fairlead: Command, small: Path, tmp_path: Path) -> None:
    args = ("what-if", small, "--scenario", small / "scenario.yaml", "--effects", "--workers", 1)
    told = fairlead(*args, "--out", tmp_path / "out")
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "What each change of one joins does" in said
    assert "Without change 1 there is no plan" in said
    assert "there is no rep 'N1'" in said
    assert "without part_time" not in said
    assert "4 of 4" in told.stderr
    again = json.loads(fairlead(*args, "--out", tmp_path / "out", "--json").stdout)
    assert [row["scenario"] for row in again["scenarios"]] == ["base", "one joins"]
    (rows,) = again["effects"].values()
    assert [row["expected_value"] for row in rows] == [None, -40.0, 100.0, 60.0]


def test_a_sweep(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    told = fairlead(
        "sweep",
        demo,
        *("--set", "capacity.1.reserve=5%,15%", "--from", demo / "plan", "--json"),
        *("--out", tmp_path / "out", "--time-limit", 20, "--workers", 1),
    )
    assert told.returncode == 0, told.stderr
    rows = json.loads(told.stdout)
    names = ["base", "capacity.1.reserve=5%", "capacity.1.reserve=15%"]
    assert [row["scenario"] for row in rows] == names
    assert rows[1]["objective"] >= rows[2]["objective"] - 2 * rows[1]["gap_money"]


def test_a_wrong_call_ends_in_a_sentence(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("name: a\nchanges:\n  - fly: {}\n", encoding="utf-8")
    told = fairlead("what-if", demo, "--scenario", tmp_path / "bad.yaml", "--out", tmp_path / "out")
    assert told.returncode == 2
    assert "line 3: changes: unknown change 'fly'" in " ".join(told.stderr.split())
    told = fairlead("sweep", demo, "--set", "fairness", "--out", tmp_path / "out")
    assert told.returncode == 2
    assert "is no parameter" in told.stderr
