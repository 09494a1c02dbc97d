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

from structlog.contextvars import bound_contextvars

from api.jobs.perform import Performer
from api.jobs.slots import fire_due
from api.jobs.tasks.task import REBALANCE
from api.jobs.ticker import Duty, Ticker
from api.jobs.worker import Worker
from api.logs import start_log
from api.services.publications.publish import publish_due
from api.services.rebalance import Rebalancer
from api.services.retention import retain_now
from api.services.service import Service
from api.settings import load_settings
from models.errors import FairleadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.jobs.context import Context
    from api.jobs.run import Done, Held
    from api.settings import Settings

PARENT_CHECK_SECONDS = 1.0
HOUR = 3600.0


def worker_of(service: Service) -> Worker:
    """Return a worker of an installation, with a name that no other has."""
    performer = Performer(service.database, service.copies, service.scratch, service.settings)
    rebalancer = Rebalancer(service)

    def perform(held: Held, context: Context) -> Done:
        with bound_contextvars(run_id=held.id):
            return (rebalancer if held.kind == REBALANCE else performer)(held, context)

    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    return Worker(service.database, perform, name=name, settings=service.settings)


def duties_of(service: Service) -> tuple[Duty, ...]:
    """Return what a worker of an installation does besides runs."""
    seconds = service.settings.tick_seconds
    return (
        Duty("firing schedules", seconds, lambda: fire_due(service.database)),
        Duty("publishing what is due", seconds, lambda: publish_due(service)),
        Duty("removing what is too old", HOUR, lambda: retain_now(service)),
    )


def serve_runs(settings: Settings, *, parent: int | None = None) -> None:
    """Perform runs until this process is told to end by SIGTERM or Ctrl-C.

    Parameters
    ----------
    parent : the process that started this one; it ends with it. None for no such tie
    """
    if parent is not None:
        _end_with(parent)
    start_log(settings)
    service = Service.of(settings)
    try:
        worker = worker_of(service)
        looking = Duty("looking for lost workers", settings.poll_seconds, worker.look)
        with Ticker([*duties_of(service), looking]):
            worker.serve()
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
