"""A desk's process is replaced when it is lost, and who waits is told to try again."""

from __future__ import annotations

import asyncio
import os
import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

import pytest

from api.errors import BusyError
from api.services.desk.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Give a desk with a process of its own."""
    opened = Desk(seconds=10, waiting=2)
    yield opened
    opened.close()


def test_a_lost_process_is_replaced(desk: Desk) -> None:
    first = desk.ask(os.getpid)
    assert first != os.getpid()
    with pytest.raises(BusyError, match="lost"):
        desk.ask(os._exit, 3)
    assert desk.ask(os.getpid) != first
    begun = desk.begin(time.sleep, 60)
    desk.close()
    with pytest.raises((CancelledError, RuntimeError)):
        begun.result(10)
    assert desk.begin(os.getpid).result(10) != first


def test_what_takes_too_long_is_ended() -> None:
    desk = Desk(seconds=0.2)
    with pytest.raises(BusyError, match=r"within 0\.2 s"):
        desk.ask(time.sleep, 60)
    with pytest.raises(BusyError, match=r"within 0\.2 s"):
        asyncio.run(desk.await_answer(time.sleep, 60))
    desk.close()


def test_answers_are_awaited_without_a_thread(desk: Desk) -> None:
    async def ask() -> None:
        first = await desk.await_answer(os.getpid)
        with pytest.raises(FileNotFoundError):
            await desk.await_answer(os.stat, "/nothing")
        asked = [asyncio.create_task(desk.await_answer(time.sleep, 60)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="2 questions wait"):
            await desk.await_answer(os.getpid)
        # Who goes away leaves the line.
        asked[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked[1]
        assert desk.asked == 1
        # The process is ended under who waits.
        desk.close()
        with pytest.raises(BusyError, match="lost"):
            await asked[0]
        assert await desk.await_answer(os.getpid) != first

    asyncio.run(ask())


def test_what_is_prepared_goes_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    desk = Desk(seconds=5)
    first = desk.ask(os.getpid)
    # It ends when somebody writes, however long that takes.
    late = Desk(seconds=0.2, make=lambda: desk._there())  # noqa: SLF001
    with pytest.raises(BusyError, match=r"not ready within 0\.2 s, and is being made ready"):
        late.prepare(gate.read_bytes)
    with pytest.raises(BusyError, match=r"no answer within 0\.2 s"):
        late.ask(os.getpid)
    gate.write_bytes(b"")
    desk.prepare(os.getpid)
    assert desk.ask(os.getpid) == first
    with pytest.raises(FileNotFoundError):
        desk.prepare((tmp_path / "nothing").read_bytes)
    with pytest.raises(BusyError, match="lost"):
        desk.prepare(os._exit, 3)
    assert desk.ask(os.getpid) != first
    desk.close()
