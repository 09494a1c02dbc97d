"""Lists and region paths inside a cell: `audit;cloud`, `US/West/CA`, `*`."""

from __future__ import annotations

from functools import lru_cache

from models.columns import EVERYTHING


@lru_cache(maxsize=1 << 16)
def split_list(cell: str) -> tuple[str, ...]:
    """Return the parts of a list cell, without empty ones.

    >>> split_list("audit; cloud;")
    ('audit', 'cloud')
    """
    return tuple(part.strip() for part in cell.split(";") if part.strip())


@lru_cache(maxsize=1 << 16)
def split_path(path: str) -> tuple[str, ...]:
    """Return the segments of a region path.

    >>> split_path("US/West / CA")
    ('US', 'West', 'CA')
    """
    return tuple(part.strip() for part in path.split("/"))


def lies_under(path: str, region: str) -> bool:
    """Return whether a region path lies under (or is) a region, segment by segment.

    >>> lies_under("US/West/CA", "US/West"), lies_under("US/Western", "US/West")
    (True, False)
    """
    ancestors = split_path(region)
    return region == EVERYTHING or split_path(path)[: len(ancestors)] == ancestors
