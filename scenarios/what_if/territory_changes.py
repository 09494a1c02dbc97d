"""Territories are moved between reps, split, and merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, model_validator

from models.lists import lies_under, split_list
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scenarios.what_if.draft import Draft

Paths = list[str]


class MoveTerritory(Change):
    """A region, with all that lies under it, goes from one rep or team to another.

    Attributes
    ----------
    region : its path
    from_rep, from_team : whose it is; everybody's who has it, if neither is given
    to_rep, to_team : whose it becomes
    """

    name: ClassVar[str] = "move_territory"

    region: str
    from_rep: str | None = None
    from_team: str | None = None
    to_rep: str | None = None
    to_team: str | None = None

    @model_validator(mode="after")
    def _tells_whose(self) -> MoveTerritory:
        if (self.to_rep is None) == (self.to_team is None):
            raise ValueError("needs either `to_rep` or `to_team`, not both")
        if self.from_rep is not None and self.from_team is not None:
            raise ValueError("has either `from_rep` or `from_team`, not both")
        return self

    def sentence(self) -> str:
        """Return the change in plain English."""
        source = self.from_rep or (f"team {self.from_team}" if self.from_team else "all others")
        target = self.to_rep or f"team {self.to_team}"
        return f"Region {self.region} goes from {source} to {target}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield reps and teams that there are not, and that nobody would lose the region."""
        yield from draft.unknown_reps(rep for rep in (self.from_rep, self.to_rep) if rep)
        for team in (self.from_team, self.to_team):
            yield from _team_faults(draft, team)
        has = [
            any(lies_under(path, self.region) for path in split_list(cell))
            for cell in draft.reps["regions"].fillna("")
        ]
        if not any(has):
            yield f"no rep covers {self.region!r} or a region under it by name"

    def apply(self, draft: Draft) -> None:
        """Take the region, and what lies under it, from some; give it to others."""

        def taken(_: str, paths: Paths) -> Paths:
            return [path for path in paths if not lies_under(path, self.region)]

        def given(_: str, paths: Paths) -> Paths:
            return [*taken("", paths), self.region]

        receives = _whose(draft, self.to_rep, self.to_team)
        loses = _whose(draft, self.from_rep, self.from_team) - receives
        _rewrite(draft, loses, taken)
        _rewrite(draft, receives, given)


class SplitTerritory(Change):
    """Reps who cover a region keep only parts of it.

    Attributes
    ----------
    region : its path
    into : rep_id -> the regions under it that the rep keeps; others who covered it lose it
    """

    name: ClassVar[str] = "split_territory"

    region: str
    into: Annotated[dict[str, tuple[str, ...]], Field(min_length=1)]

    def sentence(self) -> str:
        """Return the change in plain English."""
        parts = [f"{' and '.join(paths)} to {rep_id}" for rep_id, paths in self.into.items()]
        return f"Region {self.region} is split: {', '.join(parts)}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield reps that there are not, and parts that lie elsewhere."""
        yield from draft.unknown_reps(self.into)
        for paths in self.into.values():
            for path in paths:
                if not lies_under(path, self.region):
                    yield f"{path!r} does not lie under {self.region!r}"

    def apply(self, draft: Draft) -> None:
        """Give each rep the parts."""

        def split(rep_id: str, paths: Paths) -> Paths:
            others = [path for path in paths if not lies_under(path, self.region)]
            return [*others, *self.into.get(rep_id, ())]

        _rewrite(draft, set(draft.reps["rep_id"]), split)


class MergeTerritories(Change):
    """Whoever covers one of some regions covers all of them."""

    name: ClassVar[str] = "merge_territories"

    regions: Annotated[tuple[str, ...], Field(min_length=2)]

    def sentence(self) -> str:
        """Return the change in plain English."""
        return f"Regions {' and '.join(self.regions)} are one territory."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield regions that nobody covers by name."""
        covered = {path for cell in draft.reps["regions"].dropna() for path in split_list(cell)}
        for region in self.regions:
            if region not in covered:
                yield f"no rep covers {region!r} by name"

    def apply(self, draft: Draft) -> None:
        """Add the others to whoever has one."""

        def merged(_: str, paths: Paths) -> Paths:
            if not set(paths) & set(self.regions):
                return paths
            return [*paths, *(region for region in self.regions if region not in paths)]

        _rewrite(draft, set(draft.reps["rep_id"]), merged)


def _team_faults(draft: Draft, team: str | None) -> Iterator[str]:
    teams = set(draft.reps["team"].dropna()) if "team" in draft.reps else set()
    if team is not None and team not in teams:
        yield f"there is no team {team!r}; there are {', '.join(sorted(teams)) or 'none'}"


def _whose(draft: Draft, rep_id: str | None, team: str | None) -> set[str]:
    """Return a rep, or the reps of a team; all where neither is given."""
    if rep_id is not None:
        return {rep_id}
    reps = draft.reps
    return set(reps["rep_id"] if team is None else reps.loc[reps["team"] == team, "rep_id"])


def _rewrite(draft: Draft, rep_ids: set[str], change: Callable[[str, Paths], Paths]) -> None:
    """Change the regions of some reps; `*` covers everything and stays."""
    cells = []
    for rep_id, cell in zip(draft.reps["rep_id"], draft.reps["regions"], strict=True):
        paths = list(split_list(cell)) if isinstance(cell, str) else []
        if rep_id in rep_ids and "*" not in paths:
            paths = change(rep_id, paths)
        cells.append(";".join(paths))
    draft.reps["regions"] = cells
