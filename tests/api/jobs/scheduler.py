"""A process that fires schedules and does nothing else: `python -m tests.api.jobs.scheduler URL`.

It prints a line when it begins, and one when it has ended as it was told to.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

from api.errors import ServiceError
from api.jobs.slots import fire_due
from api.store.database import Database

PAUSE = 0.02
"""Seconds between two looks."""


def start_scheduler(url: str) -> subprocess.Popen[str]:
    """Start the process."""
    command = [sys.executable, "-m", "tests.api.jobs.scheduler", url]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def fire(url: str) -> None:
    """Be the process, until it is told to end by SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    database = Database(url)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not ended.wait(PAUSE):
        try:
            fire_due(database)
        except ServiceError as error:
            # As a worker's ticker does: it looks again.
            sys.stdout.write(f"not now: {error}\n")
    database.close()
    sys.stdout.write("end\n")


if __name__ == "__main__":
    fire(sys.argv[1])
