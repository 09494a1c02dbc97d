"""`fairlead check --bound` derives again whatever proves the bound, and believes no figure."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from api.cli.load import load
from models.files.plan_files import read_plan, write_plan
from tests.knapsacks import knapsack_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.cli.conftest import Command


@pytest.fixture(scope="module")
def proved(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a plan of the demo whose bound multipliers prove; tests only read it."""
    snapshot, policy, _ = load(demo, demo / "policy.yaml")
    directory = tmp_path_factory.mktemp("proved") / "plan"
    write_plan(knapsack_plan(snapshot, policy), directory)
    return directory


@pytest.fixture
def plan(proved: Path, tmp_path: Path) -> Path:
    """Return a copy of that plan that a test may change."""
    return Path(shutil.copytree(proved, tmp_path / "plan"))


def state(plan: Path, **figures: Any) -> None:
    """Change figures in plan.json."""
    path = plan / "plan.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(record | figures), encoding="utf-8")


def test_knapsack_bound_is_derived_again(fairlead: Command, demo: Path, proved: Path) -> None:
    told = fairlead("check", demo, proved, "--bound")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "The price bound holds: stored" in told.stdout
    assert "The knapsack bound holds: stored" in told.stdout
    assert "unverified" not in told.stdout
    assert "knapsack" not in fairlead("check", demo, proved).stdout


def change_multipliers(plan: Path) -> None:
    path = plan / "multipliers.parquet"
    table = pd.read_parquet(path)
    table["multiplier"] *= 1.1
    table.to_parquet(path, index=False)


def exchange_leads(plan: Path) -> None:
    path = plan / "multipliers.parquet"
    table = pd.read_parquet(path)
    table["lead_id"] = table["lead_id"].to_numpy()[::-1]
    table.to_parquet(path, index=False)


def lower_bound(plan: Path) -> None:
    bound = read_plan(plan).record.bound
    state(plan, bound=bound - 50.0)


def lower_knapsack_bound(plan: Path) -> None:
    record = read_plan(plan).record
    assert record.knapsack is not None
    bound = record.knapsack.bound - 50.0
    state(plan, bound=bound, knapsack={"resource": "effort_hours", "bound": bound})


def claim_by_prices(plan: Path) -> None:
    state(plan, bound_source="prices", knapsack=None)


def claim_above_prices(plan: Path) -> None:
    bound = read_plan(plan).record.price_bound
    state(plan, bound_source="solver", knapsack=None, bound=bound + 50.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (change_multipliers, "The knapsack bound does not hold"),
        (exchange_leads, "The knapsack bound does not hold"),
        (lower_bound, "the bound is stated as"),
        (lower_knapsack_bound, "The knapsack bound does not hold"),
        (claim_by_prices, "the bound is stated as"),
        (claim_above_prices, "but the price bound is"),
    ],
)
def test_a_false_bound_is_found(
    fairlead: Command, demo: Path, plan: Path, change: Callable[[Path], None], said: str
) -> None:
    change(plan)
    told = fairlead("check", demo, plan, "--bound")
    assert told.returncode == 1, told.stdout + told.stderr
    assert said in told.stdout


def drop_multipliers(plan: Path) -> None:
    path = plan / "multipliers.parquet"
    pd.read_parquet(path).head(60).to_parquet(path, index=False)


def repeat_multipliers(plan: Path) -> None:
    path = plan / "multipliers.parquet"
    table = pd.read_parquet(path)
    table["lead_id"] = table["lead_id"].iloc[0]
    table.to_parquet(path, index=False)


def name_another_limit(plan: Path) -> None:
    record = read_plan(plan).record
    assert record.knapsack is not None
    state(plan, knapsack={"resource": "luck", "bound": record.knapsack.bound})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop_multipliers, "the plan has 60 multipliers; the policy needs one for each of 150"),
        (repeat_multipliers, "the plan has 150 multipliers; the policy needs one for each of 150"),
        (name_another_limit, "the policy has no limit 'luck'"),
    ],
)
def test_multipliers_of_another_problem_are_refused(
    fairlead: Command, demo: Path, plan: Path, change: Callable[[Path], None], said: str
) -> None:
    change(plan)
    told = fairlead("check", demo, plan, "--bound")
    assert told.returncode == 2, told.stdout + told.stderr
    assert said in told.stderr
