"""Callers who were recognized a moment ago, so that who asks often is not looked up each time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Generic, TypeVar

from api.services.access.keys import hash_of

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")
KNOWN_FOR = 0.5
"""Seconds. A key that is revoked, by whatever process, must be refused within a second."""
MOST = 10_000


class RecentCallers(Generic[Found]):
    """Remembers who secrets stand for, never the secrets.

    Parameters
    ----------
    seconds : how long; clock : tells seconds that only grow
    """

    def __init__(
        self, seconds: float = KNOWN_FOR, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._clock = seconds, clock
        self._known: dict[str, tuple[float, Found]] = {}

    def known(self, secret: str) -> Found | None:
        """Return whose secret it was a moment ago; None where that must be looked up."""
        found = self._known.get(hash_of(secret))
        if found is None or self._clock() - found[0] >= self._seconds:
            return None
        return found[1]

    def get(self, secret: str, look_up: Callable[[], Found]) -> Found:
        """Return whose secret it is; one that is nobody's is looked up each time."""
        who = self.known(secret)
        if who is None:
            # It counts from before it is looked up: what is changed meanwhile is seen in time.
            now, who = self._clock(), look_up()
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[hash_of(secret)] = (now, who)
        return who

    def forget(self) -> None:
        """Look everybody up again: a key was changed."""
        self._known.clear()
