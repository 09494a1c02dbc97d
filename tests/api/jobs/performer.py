"""A worker's process for tests of faults: `python -m tests.api.jobs.performer JSON`.

It prints a line when it begins to look for runs, and one per run that it begins.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from api.jobs.worker import Worker
from api.settings import Settings
from api.store.database import Database
from tests.api.jobs.shop import PLAN

if TYPE_CHECKING:
    from api.jobs.context import Context
    from api.jobs.run import Done, Held

LEASE_SECONDS = 1.0


@dataclass
class Performer:
    """How a worker's process behaves.

    Attributes
    ----------
    url : of its database
    name : of the worker
    seed : of the time that its runs take
    longest : seconds of the longest run
    dies_at : it kills itself before the n-th call of the database after its first run's work, or
        before its commit if there are fewer; 0 never
    child : whether each run only waits for a child that does not end
    """

    url: str
    name: str
    seed: int = 0
    longest: float = 0.1
    dies_at: int = 0
    child: bool = False

    def start(self) -> subprocess.Popen[str]:
        """Start the process."""
        command = [sys.executable, "-m", "tests.api.jobs.performer", json.dumps(asdict(self))]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def serve(self) -> None:
        """Be the process."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
        self._random = random.Random(self.seed)  # noqa: S311
        self._database = Database(self.url)
        settings = Settings(lease_seconds=LEASE_SECONDS, poll_seconds=0.05, attempts=100)
        worker = Worker(self._database, self._perform, name=self.name, settings=settings)
        _say("ready")
        worker.serve()
        _say("end")

    def _perform(self, held: Held, context: Context) -> Done:
        if self.child:
            with subprocess.Popen(["sleep", "600"]) as process, context.child(process):
                context.progress({"child": process.pid})
                _say(f"began {held.id}")
                process.wait()
        else:
            context.progress({"gap": 0.5})
            _say(f"began {held.id}")
            time.sleep(self._random.uniform(0, self.longest))
        if self.dies_at:
            self._die_in(self.dies_at)
        return PLAN

    def _die_in(self, calls: int) -> None:
        _, engine = self._database.engines()
        left = calls

        def count(*_: Any) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def die(*_: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, "before_cursor_execute", count)
        event.listen(engine, "commit", die)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    Performer(**json.loads(sys.argv[1])).serve()
