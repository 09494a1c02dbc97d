"""Slots: each begins one run, whatever the clock does and however many look.

Tests 14 and 15 of the reliability list.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from api.errors import InvalidRequestError
from api.jobs import slots
from api.jobs.cron import Cron
from api.jobs.slots import fire_due
from api.store.columns import new_id
from api.store.tables import RunRow, ScheduleRow, SlotRow, SlotStatus
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.store.database import Database


class Clock:
    """A clock of the database that goes as it is told."""

    def __init__(self, text: str) -> None:
        self.now = datetime.fromisoformat(text)

    def __call__(self, *_: object) -> datetime:
        """Return what it shows."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give a clock that shows noon of a Sunday in UTC."""
    shown = Clock("2027-03-07T12:00:00+00:00")
    monkeypatch.setattr(slots, "now", shown)
    return shown


def add(database: Database, clock: Clock, cron: str, zone: str = "UTC") -> str:
    """Add a schedule; return its id."""
    with database.writing() as session:
        row = ScheduleRow(
            id=new_id(),
            name=new_id(),
            cron=cron,
            timezone=zone,
            task={},
            enabled=True,
            next_at=next(Cron(cron, zone).after(clock.now)),
            looked_at=clock.now,
            created_at=clock.now,
            created_by="ann",
            person=["ann"],
        )
        session.add(row)
        return row.id


def told(database: Database, status: SlotStatus) -> list[datetime]:
    """Return the slots of a status, in their order."""
    with database.reading() as session:
        return list(
            session.scalars(select(SlotRow.at).where(SlotRow.status == status).order_by(SlotRow.at))
        )


def run_until(database: Database, clock: Clock, end: datetime, step: timedelta) -> None:
    """Let a clock go on, with a look at each step."""
    while clock.now < end:
        clock.now += step
        fire_due(database)


def test_a_slot_begins_one_run(database: Database, clock: Clock) -> None:
    schedule = add(database, clock, "0 7 * * MON", "America/New_York")
    assert fire_due(database) == []
    clock.now = datetime(2027, 3, 8, 12, 0, 1, tzinfo=UTC)
    (run_id,) = fire_due(database)
    assert fire_due(database) == []
    with database.reading() as session:
        run = session.get_one(RunRow, run_id)
        assert run.payload["schedule"] == schedule
        assert run.payload["slot"] == "2027-03-08T12:00:00+00:00"
        assert session.get_one(ScheduleRow, schedule).next_at == datetime(
            2027, 3, 15, 11, tzinfo=UTC
        )
    assert broken(database) == []


def test_of_missed_slots_only_the_newest_runs(database: Database, clock: Clock) -> None:
    add(database, clock, "0 * * * *")
    clock.now += timedelta(days=2, minutes=5)
    assert len(fire_due(database)) == 1
    assert told(database, SlotStatus.FIRED) == [datetime(2027, 3, 9, 12, tzinfo=UTC)]
    assert len(told(database, SlotStatus.MISSED)) == 47


@pytest.mark.parametrize(
    "zone",
    [
        "America/New_York",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "America/Santiago",
    ],
)
@pytest.mark.parametrize("cron", ["30 1 * * *", "30 2 * * *", "0 0 * * *"])
def test_once_a_day_is_once_a_day_through_a_year(zone: str, cron: str) -> None:
    found = Cron.parse(cron, zone).after(datetime(2027, 1, 1, tzinfo=ZoneInfo(zone)))
    days: Counter[date] = Counter()
    for slot in found:
        local = slot.astimezone(ZoneInfo(zone))
        if local.year > 2027:
            break
        days[local.date()] += 1
    assert set(days.values()) == {1}
    assert len(days) >= 364


def test_a_leap_day() -> None:
    found = Cron.parse("0 9 29 2 *", "UTC").after(datetime(2027, 1, 1, tzinfo=UTC))
    assert next(found) == datetime(2028, 2, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "jump", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=30), timedelta(days=-3)]
)
def test_each_slot_fires_once_though_the_clock_jumps_and_is_set_right(
    database: Database, clock: Clock, jump: timedelta, zone: str
) -> None:
    add(database, clock, "0 */6 * * *", zone)
    begin, step = clock.now, timedelta(hours=1)
    run_until(database, clock, begin + timedelta(days=1), step)
    clock.now += jump
    run_until(database, clock, clock.now + timedelta(hours=2), step)
    clock.now -= jump
    end = begin + timedelta(days=5)
    run_until(database, clock, end, step)
    fired = told(database, SlotStatus.FIRED)
    assert len(fired) == len(set(fired))
    expected = []
    for slot in Cron("0 */6 * * *", zone).after(begin):
        if slot > end:
            break
        expected.append(slot)
    # Only what was due in the two hours in which the clock was wrong may be told as missed.
    wrong = begin + timedelta(days=1), begin + timedelta(days=1, hours=2)
    lost = set(expected) - set(fired)
    assert all(wrong[0] < slot <= wrong[1] for slot in lost)
    assert lost <= set(told(database, SlotStatus.MISSED))
    assert {slot for slot in fired if begin < slot <= end} <= set(expected)
    with database.reading() as session:
        runs = session.scalars(select(RunRow)).all()
    assert len(runs) == len(fired)
    assert broken(database) == []


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.hard)])
def test_several_schedulers_begin_each_slot_once(
    database: Database, clock: Clock, count: int
) -> None:
    for _ in range(4):
        add(database, clock, "* * * * *")
    ended, began = threading.Event(), []

    def look() -> None:
        while not ended.is_set():
            began.extend(fire_due(database))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(count // 4):
        clock.now += timedelta(minutes=1)
        fire_due(database)
    for _ in range(3):
        fire_due(database)
    ended.set()
    for thread in threads:
        thread.join()
    fired, missed = told(database, SlotStatus.FIRED), told(database, SlotStatus.MISSED)
    assert len(fired) + len(missed) == 4 * (count // 4)
    with database.reading() as session:
        assert len(session.scalars(select(RunRow.id)).all()) == len(fired)
    assert broken(database) == []


@pytest.mark.parametrize(
    ("cron", "zone", "fault"),
    [
        ("* * * * * *", "UTC", "cron has 6 fields; it must have 5"),
        ("@weekly", "UTC", "cron has 1 fields"),
        ("61 * * * *", "UTC", "bad minute; it is 0 to 59, also"),
        ("0 0 31 2 *", "UTC", "bad day-of-month; it is 1 to 31 that the month has"),
        ("0 7 * * MON", "Europe/Berln", "no IANA time zone; The nearest is 'Europe/Berlin'"),
        ("0 7 * *", "Mars", "cron has 4 fields"),
        ("0 7 * * FRI-MON", "UTC", "ranges as 1-5 from the lesser to the greater"),
        ("*/90 * * * *", "UTC", "the step 90 in minute is beyond its 60 values"),
    ],
)
def test_what_is_no_schedule_is_refused(cron: str, zone: str, fault: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        Cron.parse(cron, zone)
    assert fault in str(refused.value)


@pytest.fixture(autouse=True)
def in_another_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine's own zone be one that none of the schedules has."""
    import time

    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
