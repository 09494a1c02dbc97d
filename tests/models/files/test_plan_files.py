"""Plan directories: what is written is what is read, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from models.errors import PlanFileError
from models.files.plan_files import read_plan, write_plan
from models.outcome import BoundSource, Limits
from models.plan import Plan, plan_hash
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.generate import CompanySpec, generate, policy_text
from tests.knapsacks import knapsack_plan

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a greedy plan of a small company."""
    spec = CompanySpec(num_leads=60, num_reps=5)
    policy = policy_from_text(policy_text(spec))
    return make_plan(generate(spec).snapshot(), policy, engine="greedy", limits=Limits(seed=3))


@pytest.fixture(scope="module")
def proved() -> Plan:
    """Return such a plan with multipliers that prove its bound."""
    spec = CompanySpec(num_leads=60, num_reps=5)
    return knapsack_plan(generate(spec).snapshot(), policy_from_text(policy_text(spec)))


def test_round_trip(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "plan")
    again = read_plan(tmp_path / "plan")
    assert again.record == plan.record
    for table in ("assignments", "reps", "prices"):
        assert_frame_equal(getattr(again, table), getattr(plan, table))
    assert again.policy_text == plan.policy_text
    assert len(again.unassigned) == plan.record.kpis.unassigned


def test_multipliers_are_kept_where_they_prove_the_bound(
    plan: Plan, proved: Plan, tmp_path: Path
) -> None:
    write_plan(proved, tmp_path / "plan")
    again = read_plan(tmp_path / "plan")
    assert again.record == proved.record
    assert again.record.bound_source is BoundSource.KNAPSACK
    assert again.record.knapsack is not None
    assert again.record.knapsack.resource == "effort_hours"
    assert again.record.knapsack.bound == again.record.bound < again.record.price_bound
    assert again.multipliers is not None
    assert proved.multipliers is not None
    assert_frame_equal(again.multipliers, proved.multipliers)
    write_plan(plan, tmp_path / "plan")
    assert read_plan(tmp_path / "plan").multipliers is None
    assert not (tmp_path / "plan" / "multipliers.parquet").exists()


def test_a_later_plan_replaces_an_earlier_one_whole(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path / "plan")
    (tmp_path / "plan" / "issues.csv").write_text("old", encoding="utf-8")
    write_plan(plan, tmp_path / "plan")
    assert (tmp_path / "plan" / "issues.csv").read_text(encoding="utf-8") != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_nothing_else_is_replaced(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PlanFileError, match=r"is not only a plan: it holds notes\.txt"):
        write_plan(plan, tmp_path)
    with pytest.raises(PlanFileError, match="is not a directory"):
        write_plan(plan, tmp_path / "notes.txt")
    with pytest.raises(PlanFileError, match="is not a writable directory"):
        write_plan(plan, tmp_path / "notes.txt" / "plan")
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def remove_multipliers(path: Path) -> None:
    (path.parent / "multipliers.parquet").unlink()


def swap_multipliers(path: Path) -> None:
    reps = (path.parent / "reps.parquet").read_bytes()
    (path.parent / "multipliers.parquet").write_bytes(reps)


def forget_knapsack(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "knapsack": None}), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (remove_multipliers, r"is damaged: .*multipliers\.parquet"),
        (swap_multipliers, r"multipliers\.parquet has no column lead_id"),
        (forget_knapsack, "knapsack must be given where it is the bound_source"),
    ],
)
def test_damage_of_the_proof_is_named(
    proved: Plan, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    write_plan(proved, tmp_path / "plan")
    damage(tmp_path / "plan" / "plan.json")
    with pytest.raises(PlanFileError, match=said):
        read_plan(tmp_path / "plan")


def damage_json(path: Path) -> None:
    path.write_text("{", encoding="utf-8")


def damage_schema(path: Path) -> None:
    path.write_text(json.dumps({"schema": "fairlead.plan/9"}), encoding="utf-8")


def damage_field(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "bound": "much"}), encoding="utf-8")


def damage_table(path: Path) -> None:
    (path.parent / "reps.parquet").write_bytes(b"no parquet")


def swap_tables(path: Path) -> None:
    reps = (path.parent / "reps.parquet").read_bytes()
    (path.parent / "assignments.parquet").write_bytes(reps)


def remove_table(path: Path) -> None:
    (path.parent / "prices.parquet").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (damage_json, "is damaged"),
        (damage_schema, "has schema 'fairlead.plan/9'; this version reads 'fairlead.plan/1'"),
        (damage_field, "is damaged: bound"),
        (damage_table, "is damaged"),
        (remove_table, "is damaged"),
        (swap_tables, r"assignments\.parquet has no column lead_id"),
        (Path.unlink, "is not a plan"),
    ],
)
def test_damage_is_named(
    plan: Plan, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    write_plan(plan, tmp_path / "plan")
    damage(tmp_path / "plan" / "plan.json")
    with pytest.raises(PlanFileError, match=said):
        read_plan(tmp_path / "plan")


def test_the_hash_is_of_leads_and_reps_in_any_order() -> None:
    table = pd.DataFrame({"lead_id": ["b", "a"], "rep_id": ["R1", None]})
    assert plan_hash(table) == plan_hash(table.iloc[::-1])
    assert plan_hash(table) != plan_hash(table.assign(rep_id=["R1", "R1"]))
