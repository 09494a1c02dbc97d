"""Whose business a publication is, and what they are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import ForbiddenError, NotFoundError
from api.schemas.publications import PublicationGiven
from models.lists import lies_under

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from api.services.access.principal import Principal
    from api.store.columns import Json
    from api.store.tables import PublicationRow


def teams_of(part: Json | None) -> tuple[str, ...]:
    """Return the teams that a part is limited to; none of them is no limit."""
    return tuple((part or {}).get("teams") or ())


def regions_of(part: Json | None) -> tuple[str, ...]:
    """Return the regions that a part is limited to; none of them is no limit."""
    return tuple((part or {}).get("regions") or ())


def concerns(who: Principal, part: Json | None) -> bool:
    """Return whether a part of a plan has anything to do with the teams and regions of somebody."""
    teams, regions = teams_of(part), regions_of(part)
    if who.teams is not None and teams and who.teams.isdisjoint(teams):
        return False
    if who.regions is None or not regions:
        return True
    return any(
        lies_under(mine, theirs) or lies_under(theirs, mine)
        for mine in who.regions
        for theirs in regions
    )


def publication_given(row: PublicationRow, who: Principal) -> PublicationGiven:
    """Return what somebody is told of a publication; counts of the whole company only to who sees
    all of it.
    """
    told = PublicationGiven.model_validate(row)
    if who.sees_all:
        return told
    return told.model_copy(update={"counts": None, "foreseen": None})


def refuse_unseen(who: Principal, row: PublicationRow) -> None:
    """Raise NotFoundError for a publication of other teams or regions only."""
    if not concerns(who, row.part):
        raise NotFoundError(f"there is no publication {row.id!r}")


def refuse_beyond(who: Principal, part: Json | None) -> None:
    """Raise ForbiddenError if a part reaches beyond the teams and regions of somebody."""
    _refuse("teams", who.teams, teams_of(part), lambda team, mine: team in mine)
    _refuse("regions", who.regions, regions_of(part), _lies_in)


def _lies_in(region: str, mine: Iterable[str]) -> bool:
    return any(lies_under(region, other) for other in mine)


def _refuse(
    what: str,
    mine: frozenset[str] | None,
    asked: tuple[str, ...],
    holds: Callable[[str, Iterable[str]], bool],
) -> None:
    if mine is None or (asked and all(holds(name, mine) for name in asked)):
        return
    told = ", ".join(asked) if asked else "all of them"
    raise ForbiddenError(
        f"your {what} are {', '.join(sorted(mine)) or 'none'}, and the publication is of {told}; "
        f"limit its part to your {what}"
    )
