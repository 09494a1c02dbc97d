"""Many scenarios in one run: one frame, plans that can be checked, and no work done twice."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from models.errors import NoPlanError, PlanFileError, UsageError
from models.files.plan_files import read_plan
from models.outcome import Limits
from planner.check import check
from planner.solve import make_plan
from scenarios.what_if.run_many import directories, refuse_other, run_many
from scenarios.what_if.scenario import Scenario
from scenarios.what_if.sweep import grid, parameter
from tests.policies import policy
from tests.scenarios.what_if.small import POLICY, SNAPSHOT, scenario

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from models.plan import Plan

LIMITS = Limits(seconds=20.0, gap=0.0)
SCENARIOS = [
    scenario("one leaves", {"rep_leaves": {"reps": ["R3"]}}),
    scenario("twice as many", {"more_leads": {"by": "100%"}}),
    scenario("nobody is called so", {"rep_leaves": {"reps": ["R9"]}}),
    scenario("cannot be", {"policy": {"path": "unassigned", "value": "forbidden"}}),
]


@pytest.fixture(scope="module")
def base() -> Plan:
    return make_plan(SNAPSHOT, POLICY, limits=LIMITS)


def run_here(out: Path, base: Plan, told: list[str]) -> pd.DataFrame:
    with ThreadPoolExecutor(1) as executor:
        return run_many(
            SNAPSHOT,
            POLICY,
            SCENARIOS,
            out,
            base=base,
            limits=LIMITS,
            executor=executor,
            told=lambda row: told.append(str(row["scenario"])),
        )


def test_scenarios_stand_beside_the_base_and_are_not_made_twice(
    tmp_path: Path, base: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    frame = run_here(tmp_path, base, told)
    assert frame["scenario"].tolist() == ["base", *(each.name for each in SCENARIOS)]
    assert sorted(told) == sorted(frame["scenario"])
    assert frame["status"].tolist() == ["solved", "solved", "solved", "refused", "impossible"]
    assert "there is no rep 'R9'" in frame["detail"].iloc[3]
    assert frame["unassigned"].iloc[:3].tolist() == [1, 2, 5]
    assert (tmp_path / "scenarios.csv").exists()
    for each in SCENARIOS[:2]:
        plan = read_plan(tmp_path / each.name.replace(" ", "-"))
        snapshot, changed = each.applied(SNAPSHOT, POLICY)
        assert check(changed, snapshot, plan.assignments, plan.record.settled) == []
    totals = [
        read_plan(tmp_path / name).record.settled.fair_totals["fair count"]
        for name in ("base", "one-leaves", "twice-as-many")
    ]
    # What there is to share is held, but where there are other leads.
    assert totals == [3, 3, 3]
    stages = [len(read_plan(tmp_path / name).record.stages) for name in ("one-leaves", "base")]
    assert stages == [0, 1]

    def fails(*_: object, **__: object) -> None:
        raise AssertionError("it is there already")

    made = read_plan(tmp_path / "one-leaves").record.timings
    monkeypatch.setattr("scenarios.what_if.run_many.make_plan", fails)
    with ThreadPoolExecutor(1) as executor:
        again = run_many(
            SNAPSHOT, POLICY, SCENARIOS[:3], tmp_path, base=base, limits=LIMITS, executor=executor
        )
    assert again["expected_value"].tolist()[:3] == frame["expected_value"].tolist()[:3]
    assert read_plan(tmp_path / "one-leaves").record.timings == made


class Lossy(Executor):
    """Loses the first piece of work with its process, is broken then, and at last mends itself."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, call: Any, /, *_: Any, **__: Any) -> Future[Any]:
        self.submitted += 1
        if self.submitted == 2:
            raise BrokenExecutor("a process is gone")
        done: Future[Any] = Future()
        lost = {1: BrokenExecutor("a process is gone"), 3: RuntimeError("worker lost")}
        if self.submitted in lost:
            done.set_exception(lost[self.submitted])
        else:
            done.set_result(call())
        return done


def test_work_of_lost_processes_is_done_again(tmp_path: Path, base: Plan) -> None:
    scenarios = [Scenario(name) for name in ("lost", "refused", "failed", "done")]
    frame = run_many(
        SNAPSHOT, POLICY, scenarios, tmp_path, base=base, limits=LIMITS, executor=Lossy()
    )
    assert frame["status"].tolist() == ["solved", "solved", "solved", "failed", "solved"]
    assert frame["detail"].iloc[3] == "RuntimeError: worker lost"
    assert frame["objective"].drop(3).nunique() == 1


def test_a_base_that_says_nothing_here_is_refused(tmp_path: Path, base: Plan) -> None:
    broken = replace(base, record=base.record.model_copy(update={"feasible": False}))
    with pytest.raises(PlanFileError, match="the base plan breaks rules"):
        run_many(SNAPSHOT, POLICY, SCENARIOS[:1], tmp_path, base=broken, limits=LIMITS)
    other, _ = SCENARIOS[0].applied(SNAPSHOT, POLICY)
    with pytest.raises(PlanFileError, match="of other tables; give the plan of this company"):
        run_many(other, POLICY, SCENARIOS[:1], tmp_path, base=base, limits=LIMITS)
    with pytest.raises(PlanFileError, match="of another policy"):
        refuse_other(base, SNAPSHOT, policy())


@pytest.mark.parametrize("name", ["snapshot.yaml", "plan.json"])
def test_plans_do_not_go_among_other_files(tmp_path: Path, base: Plan, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(UsageError, match="choose another one"):
        run_many(SNAPSHOT, POLICY, SCENARIOS[:1], tmp_path, base=base, limits=LIMITS)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_base_without_a_plan_is_an_error(tmp_path: Path) -> None:
    rules = policy(capacity=[{"measure": "count", "at_most": "max_leads"}], unassigned="forbidden")
    with pytest.raises(NoPlanError, match="the base has no plan"):
        run_many(SNAPSHOT, rules, SCENARIOS[:1], tmp_path, limits=LIMITS)


def test_names_become_directories() -> None:
    names = ["50 % more", "50: more", "base!", "ünïcode", "///"]
    found = directories([Scenario(name) for name in names])
    assert len(set(found.values())) == len(names)
    assert all(slug == slug.strip(".-/") and "/" not in slug for slug in found.values())
    assert "base" not in found.values()
    for wrong in ([], [Scenario("a"), Scenario("a")], [Scenario("base")]):
        with pytest.raises(UsageError):
            directories(wrong)


def test_a_sweep_is_a_grid() -> None:
    path, values = parameter("fairness.0.within=5%,10%")
    assert (path, values) == ("fairness.0.within", ["5%", "10%"])
    found = grid({path: values, "capacity.0.at_most": [1, 2]})
    assert [each.name for each in found][:2] == [
        "fairness.0.within=5%, capacity.0.at_most=1",
        "fairness.0.within=5%, capacity.0.at_most=2",
    ]
    _, changed = found[3].applied(SNAPSHOT, POLICY)
    assert changed.fairness[0].within == 0.1
    assert changed.capacity[0].at_most == 2
    for wrong in ("fairness.0.within", "=5%", "a=[", "a="):
        with pytest.raises(UsageError):
            parameter(wrong)
    with pytest.raises(UsageError, match="combinations"):
        grid({})
