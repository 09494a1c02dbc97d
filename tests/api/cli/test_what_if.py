"""`fairlead what-if` and `fairlead sweep`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models.files.plan_files import read_plan

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


def test_a_sweep(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    told = fairlead(
        "sweep",
        demo,
        *("--set", "capacity.1.reserve=5%,15%", "--from", demo / "plan", "--json"),
        *("--out", tmp_path / "out", "--time-limit", 20),
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
