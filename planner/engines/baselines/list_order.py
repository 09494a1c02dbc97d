"""Turns by a list that goes round."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_ONE = -1


def from_after(reps: Sequence[int], last: int) -> list[int]:
    """Return a list of reps, sorted by number, from the one after the last onwards, all round.

    >>> from_after((2, 5, 7), 5), from_after((2, 5, 7), NO_ONE)
    ([7, 2, 5], [2, 5, 7])
    """
    return [rep for rep in reps if rep > last] + [rep for rep in reps if rep <= last]
