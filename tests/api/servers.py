"""Real servers for campaigns: `fairlead serve` on an installation that is there already."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2
import psutil

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a campaign gives up."""


@dataclass
class ServerProcess:
    """A server's process, which may be killed and started again on the same port.

    Attributes
    ----------
    data, url : of its installation
    settings : more of them, as variables of its environment
    workers : 1 for a worker beside it
    """

    data: Path
    url: str
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> psutil.Process:
        """The process that was started last."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def start(self) -> None:
        """Start it, without waiting until it answers."""
        given = {"FAIRLEAD_DATABASE_URL": self.url, "PYTHONPATH": str(ROOT), **self.settings}
        command = [sys.executable, "-P", "-m", "api.cli", "serve", "--data", str(self.data)]
        with (self.data / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--workers-here", str(self.workers)],
                env={**os.environ, "FAIRLEAD_LOG_FORMAT": "json", **given},
                stdout=log,
                stderr=log,
            )

    def wait(self) -> float:
        """Wait until it answers; return how many seconds that took."""
        began = time.monotonic()
        while True:
            assert self._process is not None
            assert self._process.poll() is None, f"the server has ended: {self.log()[-2000:]}"
            try:
                if httpx2.get(f"{self.address}/health/ready", timeout=5).status_code == 200:
                    return time.monotonic() - began
            except httpx2.TransportError:
                pass
            assert time.monotonic() - began < PATIENCE, "the server does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """Kill it, as a machine does that runs out of memory; what it started ends by itself."""
        assert self._process is not None
        if self._process.poll() is not None:
            return
        family = self.process.children(recursive=True)
        self._process.kill()
        assert self._process.wait(PATIENCE) == -signal.SIGKILL
        _, left = psutil.wait_procs(family, PATIENCE)
        assert left == [], "processes are left over from a server that was killed"

    def end(self) -> float:
        """Have it end; return how many seconds that took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 0, self.log()[-2000:]
        return time.monotonic() - began

    def log(self) -> str:
        """Return all that its processes have logged."""
        return (self.data / "server.log").read_text(encoding="utf-8")
