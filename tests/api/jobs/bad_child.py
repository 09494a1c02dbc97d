"""A run's process that does what the task's engine is called, for tests of what workers bear."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from planner.engines.child_process import child_process
from planner.engines.guard import die_with, limit_memory

SLEEP = "sleep"
HOG_MB = 4_000
SIGNALS = {"segfault": signal.SIGSEGV, "abort": signal.SIGABRT, "killed": signal.SIGKILL}
ANSWERED = b'{"kind": "answered"}\n'
LINES = {"garbage": b"\x00\xffnothing\n", "no_answer": ANSWERED}


def main(arguments: list[str]) -> None:
    """Be the process; arguments as of `api.jobs.child`."""
    directory, outbox, inbox, parent = Path(arguments[0]), *map(int, arguments[1:])
    die_with(parent)
    task = json.loads((directory / "task.json").read_text())
    kind = task.get("engine", SLEEP)
    if kind in SIGNALS:
        sys.stderr.write("the solver's last words\n")
        sys.stderr.flush()
        os.kill(os.getpid(), SIGNALS[kind])
    elif kind in LINES:
        os.write(outbox, LINES[kind])
        threading.Event().wait()
    elif kind == "exit":
        sys.exit(3)
    elif kind == "flood":
        while True:
            os.write(outbox, b'{"kind": "told", "is_built": true, "progress": {}}\n' * 1000)
    elif kind == "memory":
        limit_memory(task["memory_mb"], 1)
        bytearray(HOG_MB << 20)
    elif kind == "grandchild":
        _with_grandchild(directory, outbox)
    else:
        _wait_or_answer(kind, directory, outbox, inbox)


def _wait_or_answer(kind: str, directory: Path, outbox: int, inbox: int) -> None:
    if kind == "silence":
        os.close(outbox)
    if kind == "deaf":
        os.read(inbox, 1)
    if kind in ("silence", "deaf", SLEEP):
        threading.Event().wait()
    told: dict[str, object] = {"reason": "feasible"}
    if kind != "bad_plan":
        told["diagnosis"] = {"status": "feasible"}
    (directory / "answer.json").write_text(json.dumps(told))
    os.write(outbox, ANSWERED)


def _with_grandchild(directory: Path, outbox: int) -> None:
    """Have a process as an engine is one, tell both, and wait."""
    below = directory / "below"
    below.mkdir()
    (below / "task.json").write_text("{}")
    with child_process("tests.api.jobs.bad_child", below, 1) as engine:
        pids = {"pids": [os.getpid(), engine.process.pid]}
        line = json.dumps({"kind": "told", "is_built": True, "progress": pids})
        os.write(outbox, line.encode() + b"\n")
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
