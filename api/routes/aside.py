"""Requests that wait for each other do so without threads, so that others are answered meanwhile.

A server has some 40 threads. Who publishes, or claims a lead, waits for whoever does so just now:
without a line of their own, as many who do so at the same time would take all of them.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi.concurrency import run_in_threadpool

from api.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 4
"""Of a line: one works, and the next ones are ready when it ends."""
PATIENCE = 60.0
"""Seconds after which somebody in a line is told to try again."""
PUBLISHING, CLAIMING = "publishing", "claiming"
_lines = {name: RunVar[CapacityLimiter](name) for name in (PUBLISHING, CLAIMING)}


def aside(line: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Have a function of a route wait in a line of its server before it gets a thread.

    Parameters
    ----------
    line : PUBLISHING or CLAIMING
    """

    def mark(endpoint: Callable[..., Any]) -> Callable[..., Any]:
        endpoint.__dict__["line"] = line
        return endpoint

    return mark


def waiting(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function as it is called: asynchronous, if it was told to wait aside."""
    line = getattr(call, "line", None)
    if line is None:
        return call

    @functools.wraps(call)
    async def in_line(**given: Any) -> Any:
        limiter = _limiter(line)
        try:
            async with asyncio.timeout(PATIENCE):
                await limiter.acquire()
        except TimeoutError:
            raise BusyError(f"others were before you for {PATIENCE:g} s; try again") from None
        try:
            return await run_in_threadpool(call, **given)
        finally:
            limiter.release()

    return in_line


def _limiter(line: str) -> CapacityLimiter:
    """Return what counts who is before others in a line, one per event loop."""
    found = _lines[line].get(None)
    if found is None:
        found = CapacityLimiter(AT_ONCE)
        _lines[line].set(found)
    return found
