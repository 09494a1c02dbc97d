"""Duties are done again and again, and a fault of one holds up no other."""

from __future__ import annotations

import threading

from api.jobs.ticker import Duty, Ticker

PATIENCE = 20.0


def test_a_duty_that_fails_holds_up_no_other() -> None:
    failed, done = threading.Semaphore(0), threading.Semaphore(0)

    def fail() -> None:
        failed.release()
        raise ZeroDivisionError

    with Ticker([Duty("fails", 0.01, fail), Duty("works", 0.01, done.release)]):
        for semaphore in (failed, done, failed, done):
            assert semaphore.acquire(timeout=PATIENCE)


def test_it_ends_at_once_and_without_duties() -> None:
    threads = threading.active_count()
    with Ticker([Duty("rare", 3600.0, lambda: None)]), Ticker([]):
        pass
    assert threading.active_count() == threads
