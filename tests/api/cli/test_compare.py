"""`fairlead compare`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models.files.plan_files import write_plan
from scenarios.compare import moves_between
from tests.evaluated import evaluated

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with two plans of one company, and one of what became of it."""
    directory = tmp_path_factory.mktemp("plans")
    for name, plan in (
        ("one", evaluated(0)),
        ("two", evaluated(1)),
        ("later", evaluated(1, later=True)),
    ):
        write_plan(plan, directory / name)
    return directory


def test_deltas_groups_and_moves_are_shown(fairlead: Command, plans: Path) -> None:
    told = fairlead("compare", plans / "one", plans / "two", "--by", "rep", "--moves", 1)
    assert told.returncode == 0, told.stderr
    value = next(line for line in told.stdout.splitlines() if line.startswith("Expected value"))
    assert value.rstrip().endswith(("better", "worse"))
    count = len(moves_between(evaluated(0), evaluated(1)))
    assert f"{count} leads have another rep in two than in one." in told.stdout
    assert f"... and {count - 1} more; `--json` lists all of them" in told.stdout
    assert "The plans" not in told.stdout
    assert "On the" not in told.stdout
    for rep_id in evaluated(0).reps["rep_id"]:
        assert f"\n{rep_id}" in told.stdout


def test_plans_of_other_tables_are_compared_on_shared_leads(fairlead: Command, plans: Path) -> None:
    told = fairlead("compare", plans / "one", plans / "two", plans / "later", "--moves", 0)
    assert told.returncode == 0, told.stderr
    said = " ".join(told.stdout.split())
    assert "2 leads are only in one, 1 only in later; they share 8 leads." in said
    assert "On the 8 leads of all plans" in said
    assert "lead from to" not in said


def test_everything_is_told_as_json(fairlead: Command, plans: Path) -> None:
    told = fairlead("compare", plans / "one", plans / "later", "--by", "grade", "--json")
    both = json.loads(told.stdout)
    assert {row["metric"] for row in both["kpis"]} >= {"expected_value", "gap", "moves"}
    assert len(both["remarks"]["later"]) == 4
    assert sum(row["leads"] for row in both["handovers"]["later"]) == len(both["moves"]["later"])
    assert {row["plan"] for row in both["groups"]} == {"one", "later"}
    assert {row["metric"] for row in both["shared"]} < {row["metric"] for row in both["kpis"]}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("one", "one"), "a plan is named twice"),
        (("one", "no", "none"), "(No such file or directory) none is not a plan"),
    ],
)
def test_a_wrong_call_ends_in_a_sentence(
    fairlead: Command, plans: Path, args: tuple[str, ...], said: str
) -> None:
    told = fairlead("compare", *args, cwd=plans)
    assert told.returncode == 2
    assert said in " ".join(told.stderr.replace("│", " ").split())
