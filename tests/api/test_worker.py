"""A worker's process: it knows no solver, ends when it is told to, and with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import psutil

from api.jobs.queue import Queue
from api.settings import PREFIX
from api.store.tables import RunStatus
from tests.api.company import add_company, add_rules
from tests.api.jobs.asked import ask_plan, sqlite_only
from tests.api.jobs.test_kills import end, wait_for

if TYPE_CHECKING:
    from api.services.service import Service


PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-m", "api.worker", "--with-parent", str(os.getpid())])
print(child.pid, flush=True)
sys.stdin.read()
"""


def environment(service: Service) -> dict[str, str]:
    """Return the environment in which a process finds an installation."""
    mine = {"DATA": str(service.settings.data), "DATABASE_URL": service.settings.url}
    return os.environ | {PREFIX + name: value for name, value in mine.items()}


def test_it_imports_no_solver() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, api.worker; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert {"ortools", "fastapi"}.isdisjoint(told.stdout.split())


@sqlite_only
def test_it_performs_runs_until_its_parent_ends(service: Service) -> None:
    queue = Queue(service.database)
    run_id = ask_plan(service, add_company(service), add_rules(service), rule_prices=False)
    with ExitStack() as stack:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT],
            env=environment(service),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(end, parent)
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        wait_for(lambda: queue.get(run_id).ended_at is not None)
        assert queue.get(run_id).status is RunStatus.SOLVED
        parent.kill()
        wait_for(lambda: not psutil.pid_exists(pid))


def test_bad_settings_are_told_without_a_traceback() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "api.worker"],
        env=os.environ | {"FAIRLEAD_ATTEMPTS": "none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.startswith("the environment does not fit:")
    assert "Traceback" not in told.stderr
