"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.services.access.roles import RIGHTS, Right, Role

if TYPE_CHECKING:
    from api.store.columns import Json


@dataclass(frozen=True)
class Principal:
    """A person or a program that was recognized, and what it may.

    Attributes
    ----------
    id : `key:ID`, `oidc:SUBJECT` or `schedule:ID`; who did it, in the audit trail
    name : for people
    rights : of the role, less what its limits take away
    teams, regions : those it is limited to; None is all
    rep_id : which rep it is; None for nobody who works leads
    """

    id: str
    name: str
    role: Role
    rights: frozenset[Right]
    teams: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    rep_id: str | None = None

    @classmethod
    def of(cls, principal_id: str, name: str, role: Role, limits: Json) -> Principal:
        """Return who a role and limits, as a key has them, describe."""
        rights = RIGHTS[role]
        if limits.get("rights") is not None:
            rights &= {Right(right) for right in limits["rights"]}
        return cls(
            id=principal_id,
            name=name,
            role=role,
            rights=rights,
            teams=_set(limits.get("teams")),
            regions=_set(limits.get("regions")),
            rep_id=limits.get("rep_id"),
        )

    @property
    def reads(self) -> bool:
        """Whether it sees more than an own book."""
        return Right.READ in self.rights

    @property
    def is_limited(self) -> bool:
        """Whether it is limited to some teams or regions."""
        return self.teams is not None or self.regions is not None

    @property
    def sees_all(self) -> bool:
        """Whether no team, region or own book limits what it sees."""
        return self.reads and not self.is_limited


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
