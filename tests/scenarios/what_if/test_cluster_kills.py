"""Workers and schedulers of a cluster are killed: no scenario is lost, none is solved twice."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from models.errors import PlanFileError
from models.files.plan_files import read_plan
from models.outcome import Limits
from planner.solve import make_plan
from scenarios.what_if.cluster import ClusterExecutor
from scenarios.what_if.run_many import FAILED, SOLVED, run_many
from tests.api.cli.test_serve import free_port
from tests.scenarios.what_if.cluster import Cluster
from tests.scenarios.what_if.small import POLICY, SNAPSHOT, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

LIMITS = Limits(seconds=20.0, gap=0.0)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Give a cluster of four workers."""
    directory = tmp_path / "cluster"
    directory.mkdir()
    made = Cluster(directory, free_port(), num_workers=4)
    made.start()
    yield made
    made.end()


class Finished:
    """The plans that were found whole, and when each came into its place."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self.at: dict[str, int] = {}

    def look(self) -> None:
        """Note the plans that are new."""
        for path in self._out.iterdir():
            if path.name not in self.at and path.name != "base":
                try:
                    at = path.stat().st_ctime_ns
                    read_plan(path)
                except (OSError, PlanFileError):
                    continue
                self.at[path.name] = at

    def again(self) -> list[str]:
        """Return those that were made again since."""
        return [name for name, at in self.at.items() if (self._out / name).stat().st_ctime_ns != at]


@pytest.mark.hard
@pytest.mark.parametrize(("of_workers", "of_schedulers"), [(3, 1), (50, 5)])
def test_a_cluster_that_is_killed_again_and_again(
    tmp_path: Path, cluster: Cluster, of_workers: int, of_schedulers: int
) -> None:
    chance = random.Random(16)  # noqa: S311
    kills = ["worker"] * of_workers + ["scheduler"] * of_schedulers
    chance.shuffle(kills)
    # Every other scenario that ends brings a kill.
    scenarios = [
        scenario(f"s{number}", {"policy": {"path": "capacity.0.at_most", "value": 1 + number}})
        for number in range(2 * len(kills) + 8)
    ]
    base = make_plan(SNAPSHOT, POLICY, limits=LIMITS, rule_prices=False)
    out = tmp_path / "out"
    finished, solved = Finished(out), 0

    def kill(row: Mapping[str, Any]) -> None:
        nonlocal solved
        finished.look()
        solved += row["status"] == SOLVED and row["scenario"] != "base"
        if kills and solved >= 2 and row["status"] == SOLVED:
            solved = 0
            if kills.pop() == "worker":
                cluster.kill_worker(chance.randrange(cluster.num_workers))
            else:
                cluster.kill_scheduler()

    for _ in range(3 + of_schedulers):
        with cluster.client() as client:
            frame = run_many(
                SNAPSHOT,
                POLICY,
                scenarios,
                out,
                base=base,
                limits=LIMITS,
                executor=ClusterExecutor(client),
                told=kill,
            )
        # Whoever lost the scheduler asks again: a run that was ended goes on.
        assert set(frame["status"]) <= {SOLVED, FAILED}
        if FAILED not in set(frame["status"]):
            break
    assert kills == []
    assert frame["status"].tolist() == [SOLVED] * (1 + len(scenarios))
    assert len(finished.at) == len(scenarios)
    assert finished.again() == []
