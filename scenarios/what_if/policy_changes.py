"""A part of the policy is written otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from models.issues import shown
from models.nearest import nearest
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.what_if.draft import Draft

LAST = "+"
"""In place of an entry's number: one more entry."""


class SetPolicy(Change):
    """What stands at a place of the policy becomes something else.

    Attributes
    ----------
    path : keys and, in lists, numbers of entries from 0, divided by dots: `fairness.0.within`;
        `capacity.+` adds an entry
    value : what stands there now; nothing removes the key or the entry
    """

    name: ClassVar[str] = "policy"

    path: str = Field(min_length=1)
    value: Any = None

    def sentence(self) -> str:
        """Return the change in plain English."""
        if self.value is None:
            return f"The policy has no {self.path}."
        return f"In the policy, {self.path} is {shown(self.value)}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a part of the path that the policy does not have."""
        at: Any = draft.policy
        parts = self.path.split(".")
        for depth, part in enumerate(parts):
            is_last = depth == len(parts) - 1
            if isinstance(at, list):
                if part == LAST and is_last and self.value is not None:
                    return
                if not part.isdecimal() or int(part) >= len(at):
                    yield (
                        f"{'.'.join(parts[:depth])} is a list of {len(at)} entries, "
                        f"counted from 0; {part!r} is none of them"
                    )
                    return
                at = at[int(part)]
            elif isinstance(at, dict):
                if part not in at:
                    # A new key may stand in a section that there is; the policy knows its names.
                    if not is_last or self.value is None:
                        near = nearest(part, list(at))
                        advice = f"; the nearest is {near!r}" if near else ""
                        yield f"the policy has no {'.'.join(parts[: depth + 1])}{advice}"
                    return
                at = at[part]
            else:
                yield f"{'.'.join(parts[:depth])} is {shown(at)}, which has no parts"
                return

    def apply(self, draft: Draft) -> None:
        """Write it."""
        *above, last = self.path.split(".")
        at: Any = draft.policy
        for part in above:
            at = at[int(part)] if isinstance(at, list) else at[part]
        if isinstance(at, list):
            _set_entry(at, last, self.value)
        elif self.value is None:
            del at[last]
        else:
            at[last] = self.value


def _set_entry(entries: list[Any], part: str, value: Any) -> None:
    if part == LAST:
        entries.append(value)
    elif value is None:
        del entries[int(part)]
    else:
        entries[int(part)] = value
