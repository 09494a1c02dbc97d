"""`fairlead serve`: as a user starts it, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, TypeVar

import httpx2
import psutil

from api.cli.worker_process import WorkerProcess
from api.settings import Settings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

Found = TypeVar("Found")
KEY = re.compile(r"flk_[\w-]{43}")
SECONDS = 60


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def command(*args: object) -> list[str]:
    """Return how `fairlead ARGS` is started."""
    return [sys.executable, "-P", "-m", "api.cli", *map(str, args)]


@contextmanager
def serving(
    data: Path, port: int, *more: object
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Give a server's process that answers, and the lines that it has printed."""
    process = subprocess.Popen(
        command("serve", "--data", data, "--port", port, *more),
        env={**os.environ, "PYTHONPATH": str(ROOT), "FAIRLEAD_LOG_FORMAT": "json"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "answers at" in line:
                break
        yield process, lines
    finally:
        process.kill()
        process.communicate()


def test_it_serves_and_ends_as_it_is_told(tmp_path: Path) -> None:
    port, data = free_port(), tmp_path / "data"
    with serving(data, port, "--workers-here", 0) as (process, lines):
        told = "".join(lines)
        (key,) = KEY.findall(told)
        assert f"http://127.0.0.1:{port}" in told
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
            assert client.get("/health/ready").json()["status"] == "ok"
            listed = client.get("/v1/policies", headers={"Authorization": f"Bearer {key}"})
            assert listed.json() == {"items": [], "next": None}
        second = subprocess.run(
            command("serve", "--data", tmp_path / "other", "--port", port),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 2
        assert "another program may have it" in second.stderr
        assert not (tmp_path / "other").exists()
        process.send_signal(signal.SIGTERM)
        out, log = process.communicate(timeout=SECONDS)
        assert (process.returncode, out) == (0, "")
        events = [json.loads(line) for line in log.splitlines()]
        assert [event["route"] for event in events if event["event"] == "request"] == [
            "/v1/policies"
        ]
        assert not KEY.search(log)


def wait_for(what: Callable[[], Found]) -> Found:
    """Return the first true thing that is found."""
    pause = Event()
    for _ in range(SECONDS * 20):
        if found := what():
            return found
        pause.wait(0.05)
    raise AssertionError("it did not happen")


def test_a_worker_that_dies_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    settings = Settings(data=tmp_path)

    def workers() -> list[psutil.Process]:
        found = psutil.Process().children()
        return [child for child in found if "tests.api.cli.sleeper" in _command_of(child)]

    monkeypatch.setattr("api.cli.worker_process.AGAIN_SECONDS", 0.05)
    program = sys.executable
    # Nobody may run a directory.
    monkeypatch.setattr(sys, "executable", str(tmp_path))
    with WorkerProcess(settings, "tests.api.cli.sleeper"):
        Event().wait(0.1)
        monkeypatch.setattr(sys, "executable", program)
        first = wait_for(workers)[0]
        first.kill()
        second = wait_for(lambda: [one for one in workers() if one.pid != first.pid])[0]
        wait_for((tmp_path / str(second.pid)).exists)
    assert not second.is_running()
    assert (tmp_path / str(second.pid)).read_text() == "ended"


def _command_of(process: psutil.Process) -> list[str]:
    try:
        told: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return []
    return told
