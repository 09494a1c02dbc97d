"""The last few things that a process has made, at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Thing = TypeVar("Thing")


class Shelf(Generic[Thing]):
    """Keeps what was asked for last; the oldest goes before a new one is made, which saves its
    memory.

    Parameters
    ----------
    size : how many are kept
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._things: dict[Hashable, Thing] = {}

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return what a key stands for, made if it is not at hand."""
        if key in self._things:
            # It moves to the end, and so away from being the oldest.
            self._things[key] = self._things.pop(key)
            return self._things[key]
        while len(self._things) >= self._size:
            del self._things[next(iter(self._things))]
        thing = self._things[key] = make()
        return thing

    def things(self) -> list[Thing]:
        """Return what is at hand."""
        return list(self._things.values())
