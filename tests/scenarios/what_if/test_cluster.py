"""The executor of a cluster takes the place of processes on this machine."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from distributed import Client, LocalCluster, Security

from models.outcome import Limits
from planner.solve import make_plan
from scenarios.what_if.cluster import ClusterExecutor
from scenarios.what_if.run_many import FAILED, SOLVED, run_many
from scenarios.what_if.scenario import Scenario
from tests.scenarios.what_if.small import POLICY, SNAPSHOT, scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.snapshot import Snapshot
    from planner.policy import Policy

LIMITS = Limits(seconds=20.0, gap=0.0)


@pytest.fixture
def client() -> Iterator[Client]:
    """Return the client of two workers of one thread each, which speak TLS."""
    # None as the address would not leave the page out but take a port that another may have.
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
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
        executor=ClusterExecutor(client),
        told=kill_one,
    )
    assert killed
    assert frame["status"].tolist() == ["solved"] * 5
    assert frame["expected_value"].iloc[1:].is_monotonic_increasing


@dataclass(frozen=True)
class Deadly(Scenario):
    """A scenario that kills each worker that takes it, as a fault of a solver may.

    Its source is a file that gets a line with each worker.
    """

    def applied(self, snapshot: Snapshot, policy: Policy) -> tuple[Snapshot, Policy]:
        """Kill the worker."""
        with Path(self.source).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
        os.kill(os.getpid(), signal.SIGKILL)
        return snapshot, policy


@pytest.mark.hard
def test_what_always_kills_its_worker_fails_alone(tmp_path: Path, client: Client) -> None:
    killed = tmp_path / "killed"
    others = [
        scenario(str(room), {"policy": {"path": "capacity.0.at_most", "value": room}})
        for room in range(1, 13)
    ]
    frame = run_many(
        SNAPSHOT,
        POLICY,
        [Deadly("deadly", source=str(killed)), *others],
        tmp_path / "out",
        base=make_plan(SNAPSHOT, POLICY, limits=LIMITS, rule_prices=False),
        limits=LIMITS,
        executor=ClusterExecutor(client),
    ).set_index("scenario")
    assert frame["status"].drop("deadly").unique().tolist() == [SOLVED]
    assert frame.loc["deadly", "status"] == FAILED
    assert "KilledWorker" in str(frame.loc["deadly", "detail"])
    assert 1 <= len(killed.read_text("utf-8").splitlines()) <= 4


def said_to(context: ssl.SSLContext, address: str) -> bytes:
    """Return the first byte that a scheduler says; in TLS 1.3 a refusal comes no sooner."""
    host, _, port = address.removeprefix("tls://").rpartition(":")
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, int(port)), timeout=10) as bare,
        context.wrap_socket(bare) as talking,
    ):
        return talking.recv(1)


def test_who_lacks_the_certificate_is_refused_by_tls() -> None:
    ours, theirs = Security.temporary(), Security.temporary()
    with LocalCluster(
        n_workers=0, security=ours, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        address = cluster.scheduler_address
        assert said_to(ours.get_connection_args("client")["ssl_context"], address)
        for context, why in (
            (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "certificate required"),
            (theirs.get_connection_args("client")["ssl_context"], "unknown ca"),
        ):
            with pytest.raises(ssl.SSLError, match=why):
                said_to(context, address)
