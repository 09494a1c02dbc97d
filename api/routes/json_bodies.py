"""Bodies of JSON: what it can say and nothing else can keep is refused.

A key that an object has twice, of which the last would count in silence; half a character, which no
file and no answer holds (RFC 8259, section 8.2); and numbers that are none.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 80


class JsonRequest(Request):
    """A request whose JSON says nothing that would be lost."""

    async def json(self) -> Any:
        """Return what the body says; raises as `read_json`."""
        return read_json(await self.body())


def read_json(body: bytes) -> Any:
    """Return what JSON says.

    Raises
    ------
    JSONDecodeError : it is none
    HTTPException : an object has a key more than once, a text has half a character, a number is
        none or infinite
    """
    repeated: list[tuple[str, dict[str, Any]]] = []

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) < len(pairs):
            ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
            repeated.append((name, told))
        return told

    found = json.loads(body, object_pairs_hook=whole)
    if repeated:
        # The last that ends lies in no other one, so no key that was given twice has hidden it.
        name, told = repeated[-1]
        place = ".".join(["body", *(_way(found, told) or ())])
        raise HTTPException(
            422,
            f"the JSON has the key {name[:SHOWN]!r} more than once, in {place[:SHOWN]!r}, and only "
            "one of them could count; name it once",
        )
    try:
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        before, half = error.object[: error.start][-SHOWN:], error.object[error.start]
        raise HTTPException(
            422,
            f"the JSON has {half!r}, which is half a character, after {before!r}; a text is made "
            "of whole ones",
        ) from None
    except ValueError:
        raise HTTPException(
            422,
            "the JSON has NaN, Infinity or a number beyond 1.8e308; send numbers that there are",
        ) from None
    return found


def _way(found: Any, wanted: dict[str, Any]) -> list[str] | None:
    """Return the keys and numbers that lead to an object; None if none do."""
    if found is wanted:
        return []
    inside: Iterable[tuple[object, Any]] = ()
    if isinstance(found, dict):
        inside = found.items()
    elif isinstance(found, list):
        inside = enumerate(found)
    for key, one in inside:
        if (way := _way(one, wanted)) is not None:
            return [str(key), *way]
    return None
