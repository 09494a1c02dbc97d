"""A worker's process whose runs are done by `bad_child`: `python -m tests.api.jobs.bad_worker`.

It takes the settings of its environment, as `api.worker` does.
"""

from __future__ import annotations

import logging
import sys

from api.jobs.perform import Performer
from api.jobs.worker import Worker
from api.services.service import Service
from api.settings import load_settings

BAD_CHILD = "tests.api.jobs.bad_child"


def bad_worker(service: Service, name: str = "bad") -> Worker:
    """Return a worker of an installation whose runs end badly."""
    performer = Performer(
        service.database, service.copies, service.scratch, service.settings, child=BAD_CHILD
    )
    return Worker(service.database, performer, name=name, settings=service.settings)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    bad_worker(Service.of(load_settings()), "zombie").serve()
