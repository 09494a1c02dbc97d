"""Finds the word that a misspelt one was probably meant to be."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

COMPARED_BY_SIGN = 5_000
COMPARED_BY_FOLDING = 100_000


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return the known word most like `word`; "" if none is like it.

    Words that differ only in case, accents' encoding, spaces, hyphens or underscores come first.

    >>> nearest("lead_idd", ["lead_id", "rep_id"]), nearest("Lead ID", ["lead_id", "rep_id"])
    ('lead_id', 'lead_id')
    """
    names = list(islice(known, COMPARED_BY_FOLDING))
    folded = _folded(word)
    same = (name for name in names if _folded(name) == folded)
    if twin := next(same, ""):
        return twin
    return next(iter(get_close_matches(word, names[:COMPARED_BY_SIGN], 1, cutoff)), "")


def nearest_advice(word: str, known: Iterable[str]) -> str:
    """Return the advice that names the nearest known word; "" if there is none."""
    near = nearest(word, known)
    if near and _folded(near) == _folded(word):
        return f"The nearest is {near!r}; case, spaces, hyphens and coding of accents count."
    return f"The nearest is {near!r}." if near else ""


def _folded(word: str) -> str:
    return re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", word).casefold())
