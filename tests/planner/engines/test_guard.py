"""What the child does where the kernel does not end it with its parent."""

from __future__ import annotations

import os
import threading

import pytest

from planner.engines import guard


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the codes with which the process would have ended."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    return codes


def test_a_byte_cancels_and_the_end_of_the_pipe_ends_the_process(exits: list[int]) -> None:
    inbox, outbox = os.pipe()
    cancelled = threading.Event()
    thread = threading.Thread(target=guard.listen, args=(inbox, os.getppid(), cancelled))
    thread.start()
    os.write(outbox, b"!")
    assert cancelled.wait(10.0)
    assert not exits
    os.close(outbox)
    thread.join(10.0)
    os.close(inbox)
    assert exits == [1]


def test_another_parent_ends_the_process(exits: list[int]) -> None:
    inbox, outbox = os.pipe()
    guard.listen(inbox, os.getppid() + 1, threading.Event())
    os.close(inbox)
    os.close(outbox)
    assert exits == [1]
