"""Methods that behave well or badly, to be called in a process of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from planner.engines.whole_model.claim import Claim

FOREVER = 600.0
Method = Callable[..., Claim]


def answers(word: str, begin: Callable[[], None]) -> Claim:
    """Answer at once, after printing what is not for the user."""
    begin()
    os.write(1, b"noise of a solver\n")
    return Claim(word, seconds=0.5)


def sleeps(pid_file: str, begin: Callable[[], None]) -> Claim:
    """Ignore every limit."""
    Path(pid_file).write_text(str(os.getpid()), encoding="utf-8")
    begin()
    time.sleep(FOREVER)
    return Claim("late")


def raises(text: str, begin: Callable[[], None]) -> Claim:
    """Fail with an error."""
    raise ValueError(text)


def dies(number: int, begin: Callable[[], None]) -> Claim:
    """Be ended by a signal."""
    begin()
    os.kill(os.getpid(), number)
    signal.pause()
    return Claim("dead")


def leaves(code: int, begin: Callable[[], None]) -> Claim:
    """End without a word."""
    begin()
    os._exit(code)
