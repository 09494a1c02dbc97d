"""The executor of a cluster takes the place of processes on this machine."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from distributed import Client, LocalCluster, Security

from models.outcome import Limits
from planner.solve import make_plan
from scenarios.what_if.run_many import run_many
from tests.scenarios.what_if.small import POLICY, SNAPSHOT, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMITS = Limits(seconds=20.0, gap=0.0)


@pytest.fixture
def client() -> Iterator[Client]:
    """Return the client of two workers of one thread each, which speak TLS and have no page."""
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            security=Security.temporary(),
            dashboard_address=None,
            host="127.0.0.1",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def test_a_lost_worker_loses_no_scenario(tmp_path: Path, client: Client) -> None:
    base = make_plan(SNAPSHOT, POLICY, limits=LIMITS, rule_prices=False)
    scenarios = [
        scenario(str(room), {"policy": {"path": "capacity.0.at_most", "value": room}})
        for room in (1, 2, 3, 4)
    ]
    killed: list[int] = []

    def kill_one(row: object) -> None:
        del row
        if not killed:
            killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    frame = run_many(
        SNAPSHOT,
        POLICY,
        scenarios,
        tmp_path,
        base=base,
        limits=LIMITS,
        executor=client.get_executor(),
        told=kill_one,
    )
    assert killed
    assert frame["status"].tolist() == ["solved"] * 5
    assert frame["expected_value"].iloc[1:].is_monotonic_increasing
