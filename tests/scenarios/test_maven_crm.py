"""The shipped maven-crm example on its real data: imported, planned, proven, judged."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from models.files.importer import import_tables, write_tables
from models.files.mapping_reader import read_mapping
from models.files.snapshot_files import read_snapshot
from models.outcome import Limits, StopReason
from planner.check import check
from planner.policy import Policy, read_policy
from planner.solve import evaluate, make_plan
from scenarios.library import LIBRARY, library_names, shipped_mapping
from tests.command_line import run_here
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot

EXAMPLE = LIBRARY / "maven_crm"


@pytest.fixture(scope="module")
def snapshot(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Return the snapshot by way of files, as a user makes it."""
    directory = tmp_path_factory.mktemp("maven") / "company"
    mapping = shipped_mapping("maven_crm")
    assert mapping is not None
    write_tables(import_tables(read_mapping(mapping), [shared_data / "maven-crm"]), directory)
    return read_snapshot(directory)


def policy(name: str) -> Policy:
    return read_policy(EXAMPLE / f"{name}.yaml")


def test_the_library_lists_it() -> None:
    assert library_names() == ["maven_crm"]


def test_the_plan_is_proven_and_checked(snapshot: Snapshot) -> None:
    rules = policy("policy")
    plan = make_plan(
        snapshot, rules, limits=Limits(seconds=30), baselines=("greedy", "round_robin")
    )
    record = plan.record
    assert record.kpis.leads == 2089
    assert record.gap is not None
    assert record.gap <= 0.0002
    assert record.feasible
    assert not check(rules, snapshot, plan.assignments)
    for beaten in record.baselines.values():
        assert record.kpis.expected_value >= beaten.expected_value


def test_the_commands_of_its_page_run(shared_data: Path, tmp_path: Path) -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    parts = [part.split("```")[0] for part in text.split("```sh\n")[1:]]
    lines = [line for part in parts for line in part.splitlines()]
    assert len(lines) == 10
    for line in lines:
        command = line.replace("DATA", str(shared_data / "maven-crm"))
        command = command.replace("scenarios/library", str(ROOT / "scenarios" / "library"))
        done = run_here(*shlex.split(command)[1:], cwd=tmp_path)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"


def test_learned_on_the_past_and_judged_on_the_future(snapshot: Snapshot) -> None:
    learned, judge = policy("policy_learned"), policy("policy_judge")
    plan = make_plan(snapshot, learned, limits=Limits(seconds=30))
    assert plan.record.reason in (StopReason.OPTIMAL, StopReason.GAP_REACHED)
    owners = snapshot.leads[["lead_id", "owner"]].rename(columns={"owner": "rep_id"})
    judged = {
        "plan": evaluate(snapshot, judge, plan.assignments[["lead_id", "rep_id"]]),
        "owners": evaluate(snapshot, judge, owners),
    }
    values = {name: made.record.kpis.expected_value for name, made in judged.items()}
    assert judged["plan"].record.feasible
    # The present owners hold more than their limits: a fifth of the company sits with few agents.
    assert not judged["owners"].record.feasible
    assert values["plan"] > 0.99 * values["owners"]
    assert isinstance(judged["plan"].assignments, pd.DataFrame)
