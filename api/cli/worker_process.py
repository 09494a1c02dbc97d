"""A worker beside the server: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import structlog

from api.jobs.background import Background

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.settings import Settings

LOG = structlog.stdlib.get_logger(__name__)
MODULE = "api.worker"
CHECK_SECONDS = 0.25
AGAIN_SECONDS = 2.0
"""Seconds until a worker that died is started again, so that one that cannot work costs little."""
EXIT_SECONDS = 5.0
"""Seconds that a worker has to end, besides those that its run has."""


class WorkerProcess(Background):
    """A worker in a process of its own, for as long as a `with` block lasts.

    Parameters
    ----------
    module : what the process runs
    """

    def __init__(self, settings: Settings, module: str = MODULE) -> None:
        super().__init__("the worker's keeper")
        self._settings = settings
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def _work(self) -> None:
        while not self._done.is_set():
            try:
                self._process = self._start()
            except OSError as error:
                # Such as no right to the program, or no room for one more process just now.
                LOG.error("the worker cannot be started; it is tried again", fault=str(error))
            else:
                while self._process.poll() is None and not self._done.wait(CHECK_SECONDS):
                    pass
                if self._done.is_set():
                    break
                code = self._process.returncode
                LOG.error("the worker has ended; it is started again", code=code)
            self._done.wait(AGAIN_SECONDS)
        self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        # A session of its own: Ctrl-C in a terminal reaches the server, which tells the worker.
        return subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-P", "-m", self._module, "--with-parent", str(os.getpid())],
            env=environment_of(self._settings),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self) -> None:
        """Have the worker hand back its run and end."""
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(self._settings.grace_seconds + EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            LOG.warning("the worker does not end, and is killed; its run is taken up by another")
            process.kill()
            process.wait()


def environment_of(settings: Settings) -> Mapping[str, str]:
    """Return the environment in which another process has the same installation."""
    given = {**os.environ, "FAIRLEAD_DATA": str(settings.data.absolute())}
    if settings.database_url is not None:
        given["FAIRLEAD_DATABASE_URL"] = settings.database_url.get_secret_value()
    return given
