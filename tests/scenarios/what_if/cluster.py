"""A cluster on this machine whose scheduler and workers are processes that tests may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil
from distributed import Client, Security

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 240.0
"""Seconds after which a campaign gives up."""
DEATH_SECONDS = 60
"""Seconds after which a worker that finds no scheduler ends."""


@dataclass
class Cluster:
    """A scheduler, and workers of one thread each, which speak TLS.

    Attributes
    ----------
    directory : for certificates, logs and what workers keep
    """

    directory: Path
    port: int
    num_workers: int
    _scheduler: subprocess.Popen[bytes] | None = None
    _workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = Security.temporary()
        for name in ("tls_ca_file", "tls_client_cert", "tls_client_key"):
            (self.directory / name).write_text(getattr(made, name), "utf-8")

    def start(self) -> None:
        """Start the scheduler, and all workers."""
        place = ("--host", "127.0.0.1", "--protocol", "tls", "--dashboard-address", "127.0.0.1:0")
        self._scheduler = self._process("scheduler", *place, "--port", str(self.port))
        for _ in range(self.num_workers):
            self._start_worker()

    def client(self) -> Client:
        """Return a client to which all workers have come."""
        # A scheduler that has just started does not listen yet.
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError):
                client = Client(self._address, security=self._security, timeout=5)
                break
            assert time.monotonic() < end, "the scheduler does not answer"
        client.wait_for_workers(self.num_workers, timeout=PATIENCE)
        return client

    def kill_worker(self, number: int) -> None:
        """Kill a worker and start another; what it had started ends by itself."""
        victim = self._workers.pop(number)
        family = psutil.Process(victim.pid).children(recursive=True)
        victim.kill()
        assert victim.wait(PATIENCE) == -signal.SIGKILL
        self._start_worker()
        _, left = psutil.wait_procs(family, PATIENCE)
        assert left == [], "processes are left over from a worker that was killed"

    def kill_scheduler(self) -> None:
        """Kill the scheduler, whose workers end by themselves, and start all anew."""
        assert self._scheduler is not None
        self._scheduler.kill()
        assert self._scheduler.wait(PATIENCE) == -signal.SIGKILL
        for worker in self._workers:
            worker.wait(PATIENCE)
        self._workers.clear()
        self.start()

    def end(self) -> None:
        """Kill all of it."""
        for process in (*self._workers, self._scheduler):
            if process is not None:
                process.kill()
                process.wait(PATIENCE)

    @property
    def _address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    @property
    def _security(self) -> Security:
        return Security(
            tls_ca_file=str(self.directory / "tls_ca_file"),
            tls_client_cert=str(self.directory / "tls_client_cert"),
            tls_client_key=str(self.directory / "tls_client_key"),
            require_encryption=True,
        )

    def _start_worker(self) -> None:
        place = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0")
        kept = ["--local-directory", str(self.directory)]
        # One that has just started would wait for ever for a scheduler that was killed.
        kept += ["--death-timeout", str(DEATH_SECONDS)]
        self._workers.append(self._process("worker", self._address, *place, *kept))

    def _process(self, kind: str, *options: str) -> subprocess.Popen[bytes]:
        certified = [
            *("--tls-ca-file", str(self.directory / "tls_ca_file")),
            *("--tls-cert", str(self.directory / "tls_client_cert")),
            *("--tls-key", str(self.directory / "tls_client_key")),
        ]
        with (self.directory / f"{kind}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *options, *certified],
                cwd=self.directory,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
            )
