"""The clock of a machine is set while schedules fire and workers work (reliability test 14).

Debian's libfaketime shifts the clock of whole processes, and leaves the monotonic one alone, as
setting a clock does: `apt-get install libfaketime`.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.jobs.cron import Cron
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import RunRow, RunStatus, ScheduleRow, SlotRow
from tests.api.invariants import broken
from tests.api.jobs.performer import LEASE_SECONDS, Performer
from tests.api.jobs.scheduler import start_scheduler
from tests.api.jobs.test_kills import end, said
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from subprocess import Popen

    from api.store.database import Database

WAITING = "import threading, time; time.sleep = lambda seconds: threading.Event().wait(seconds)"
"""The library makes an error of clock_nanosleep, by which Python sleeps, so processes wait."""
LIBRARIES = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
SHIFTS = ("+1h", "+0", "-1h", "+0", "+2h", "-3h", "+30d", "+0", "+31d")
EVERY_QUARTER, ZONE = "*/15 * * * *", "Australia/Lord_Howe"


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; PostgreSQL asks the clock of its own machine."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def shift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have processes read from a file by how much their clock is wrong; return it."""
    found = [path for place in LIBRARIES for path in Path(place).rglob("libfaketime.so.1")]
    assert found, "libfaketime is missing: apt-get install libfaketime"
    file, site = tmp_path / "shift", tmp_path / "site"
    file.write_text("+0\n", encoding="utf-8")
    site.mkdir()
    (site / "sitecustomize.py").write_text(WAITING, encoding="utf-8")
    for name, value in {
        "PYTHONPATH": os.pathsep.join((str(site), str(ROOT))),
        "LD_PRELOAD": str(found[0]),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return file


def add_schedule(database: Database) -> datetime:
    """Add a schedule; return when it was."""
    with database.writing() as session:
        moment = now(session)
        session.add(
            ScheduleRow(
                id=new_id(),
                name="quarterly",
                cron=EVERY_QUARTER,
                timezone=ZONE,
                task={},
                enabled=True,
                next_at=next(Cron(EVERY_QUARTER, ZONE).after(moment)),
                looked_at=moment,
                created_at=moment,
                created_by="ann",
            )
        )
    return moment


@pytest.mark.hard
def test_setting_the_clock_costs_no_lease_and_doubles_no_slot(
    database: Database, url: str, shift: Path
) -> None:
    began = add_schedule(database)
    starts: list[Callable[[], Popen[str]]] = [partial(start_scheduler, url)] * 2
    starts += [
        Performer(url, f"w{number}", seed=number, longest=2 * LEASE_SECONDS).start
        for number in range(2)
    ]
    with ExitStack() as stack:
        processes = [start() for start in starts]
        for process in processes:
            stack.callback(end, process)
            said(process, "ready")
        for told in SHIFTS:
            shift.write_text(f"{told}\n", encoding="utf-8")
            time.sleep(2 * LEASE_SECONDS)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        logs = [process.communicate(timeout=60)[0] for process in processes]
    assert not any("lease lost" in log for log in logs)
    with database.reading() as session:
        slots = Counter(session.scalars(select(SlotRow.at)))
        runs = session.scalars(select(RunRow)).all()
    assert set(slots.values()) == {1}
    # A clock that is slow lets some slots from before come due, too.
    found = sorted(slot for slot in slots if slot > began)
    assert found == list(islice(Cron(EVERY_QUARTER, ZONE).after(began), len(found)))
    assert len(found) > 30 * 24 * 4
    assert len({run.payload["slot"] for run in runs}) == len(runs)
    taken = [run for run in runs if run.status != RunStatus.QUEUED]
    assert taken, logs
    assert {run.attempts for run in taken} == {1}
    assert broken(database) == []
