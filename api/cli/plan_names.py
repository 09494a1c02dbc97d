"""What plans are called where several are told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def short_names(plans: Sequence[Path]) -> list[str]:
    """Return the last parts of the paths, as few as tell them apart.

    Raises
    ------
    UsageError : a plan is named twice
    """
    resolved = [path.resolve().parts for path in plans]
    if len(set(resolved)) < len(resolved):
        raise UsageError("a plan is named twice; name different ones")
    for depth in range(1, max(map(len, resolved)) + 1):
        names = ["/".join(parts[-depth:]) for parts in resolved]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in plans]
