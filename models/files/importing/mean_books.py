"""How many leads a rep of each group owns on average."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from models.files.mapping import MeanBook

ROUND = {"up": ceil, "down": floor, "nearest": lambda mean: floor(mean + Fraction(1, 2))}


def mean_books(mean: MeanBook, reps: pd.DataFrame, owners: pd.Series) -> pd.Series:
    """Return each rep's cell of a mean book, as text.

    The mean is exact, so that 1.1 times 10 leads, rounded up, is 11 and not 12.

    Parameters
    ----------
    reps : the table of reps, with rep_id and the column that makes the groups
    owners : the owner of each lead, "" for none
    """
    groups = reps[mean.by] if mean.by is not None else pd.Series("", index=reps.index)
    group_of = dict(zip(reps["rep_id"], groups, strict=True))
    leads: Counter[str] = Counter()
    for owner, count in owners.value_counts().items():
        if owner in group_of:
            leads[group_of[owner]] += count
    size = Counter(groups)
    factor = Fraction(repr(mean.times))
    texts = {}
    for group, members in size.items():
        book = Fraction(leads[group], members) * factor
        texts[group] = str(ROUND[mean.round](book)) if mean.round else repr(float(book))
    return groups.map(texts).astype("str")
