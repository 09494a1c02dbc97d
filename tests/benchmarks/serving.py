"""A service as a user starts it: `fairlead serve`, with its worker, in processes of their own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"flk_[\w-]{43}")
READY = "answers at"
END_SECONDS = 60
LOG_FILE = "serve.log"


@dataclass(frozen=True)
class Served:
    """A server that answers.

    Attributes
    ----------
    address : URL without a path
    key : of an administrator
    pid : of the server's process; its worker and its desks are children of it
    """

    address: str
    key: str = field(repr=False)
    pid: int


@contextmanager
def serving(
    data: Path, settings: Mapping[str, object] | None = None, *more: str
) -> Iterator[Served]:
    """Give a server on a new data directory, which keeps its log there.

    Parameters
    ----------
    settings : environment variables
    more : options of `fairlead serve`
    """
    data.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-P", "-m", "api.cli", "serve"]
    chosen = {name: str(value) for name, value in (settings or {}).items()}
    with (data / LOG_FILE).open("wb") as log:
        process = subprocess.Popen(
            [*command, "--data", str(data), "--port", str(port), *more],
            env={**os.environ, "PYTHONPATH": str(ROOT), **chosen},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield Served(f"http://127.0.0.1:{port}", _key(process, data / LOG_FILE), process.pid)
        finally:
            process.terminate()
            process.communicate(timeout=END_SECONDS)


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _key(process: subprocess.Popen[str], log: Path) -> str:
    """Wait until the server answers; return the key that its first start shows."""
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if READY in line:
            (key,) = KEY.findall(told)
            return str(key)
    raise RuntimeError(f"the server has not started: {told}{log.read_text(encoding='utf-8')}")
