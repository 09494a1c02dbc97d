"""A worker's process: `python -m api.worker`, or `fairlead worker`."""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

from api.jobs.perform import Performer
from api.jobs.worker import Worker
from api.services.service import Service
from api.settings import load_settings
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.settings import Settings

PARENT_CHECK_SECONDS = 1.0


def worker_of(service: Service) -> Worker:
    """Return a worker of an installation, with a name that no other has."""
    performer = Performer(service.database, service.copies, service.scratch, service.settings)
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    return Worker(service.database, performer, name=name, settings=service.settings)


def serve_runs(settings: Settings, *, parent: int | None = None) -> None:
    """Perform runs until this process is told to end by SIGTERM or Ctrl-C.

    Parameters
    ----------
    parent : the process that started this one; it ends with it. None for no such tie
    """
    if parent is not None:
        _end_with(parent)
    service = Service.of(settings)
    try:
        worker_of(service).serve()
    finally:
        service.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Be the process; return its exit code."""
    parser = argparse.ArgumentParser(description="Performs the runs of a Fairlead installation.")
    parser.add_argument(
        "--with-parent", type=int, metavar="PID", help="end when the parent, this process, ends"
    )
    told = parser.parse_args(arguments)
    try:
        serve_runs(load_settings(), parent=told.with_parent)
    except FairleadError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _end_with(parent: int) -> None:
    """Have this process told to end, as by SIGTERM, once its parent is gone.

    The kernel's own way would kill it at once where the parent's thread ends that started it.
    """

    def watch() -> None:
        pause = threading.Event()
        while os.getppid() == parent:
            pause.wait(PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
