"""`region`: the lead's region lies under one of the rep's regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.lists import lies_under, split_list, split_path
from planner.rules.rule import ColumnUse, Mask, MustRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts


class Region(MustRule):
    """A rep works only leads under one of the regions the rep covers (R10)."""

    name: ClassVar[str] = "region"

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "region")
        yield ColumnUse("reps", "regions")

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return self.with_filter("A rep works only leads whose region lies under the rep's regions.")

    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, by the lead's region."""
        key, combinations = facts.lead_codes(["region"])
        covering = facts.reps_offering("regions")
        by_path: dict[tuple[str, ...], NDArray[np.bool_]] = {}
        for place, reps in covering.by_value.items():
            # Two spellings, `US/West` and `US / West`, are one place.
            by_path[split_path(place)] = reps | by_path.get(split_path(place), False)
        allowed = np.ones((len(combinations), facts.num_reps), bool)
        for row, region in enumerate(combinations["region"]):
            if isinstance(region, str):
                allowed[row] = covering.everything
                path = split_path(region)
                for depth in range(1, len(path) + 1):
                    if path[:depth] in by_path:
                        allowed[row] |= by_path[path[:depth]]
        return Mask(key, allowed, facts.leads["region"].isna().to_numpy())

    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield the pairs whose rep covers no region above the lead's."""

        def why(region: str | None, regions: str | None) -> str | None:
            covered = split_list(regions or "")
            if region is None or any(lies_under(region, path) for path in covered):
                return None
            return f"region {region!r} is not under {regions or '(empty)'!r}"

        reasons = case.each_distinct([case.of_lead("region"), case.of_rep("regions")], why)
        yield from ((at, reason) for at, reason in enumerate(reasons) if reason)
