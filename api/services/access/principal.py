"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from api.services.access.roles import RIGHTS, Right, Role

if TYPE_CHECKING:
    from collections.abc import Collection

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
    person : the names of the person behind it, such as an e-mail address and a subject; two with a
        name in common, however it is spelt, are the same person
    """

    id: str
    name: str
    role: Role
    rights: frozenset[Right]
    teams: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    rep_id: str | None = None
    person: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        principal_id: str,
        name: str,
        role: Role,
        limits: Json,
        person: Collection[str] | None = None,
    ) -> Principal:
        """Return who a role and limits, as a key has them, describe.

        Parameters
        ----------
        person : names; a person of its own if not given
        """
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
            person=frozenset((principal_id,) if person is None else person),
        )

    def is_same_person(self, names: Collection[str]) -> bool:
        """Return whether a person of some names is the one behind this."""
        return not _folded(self.person).isdisjoint(_folded(names))

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


def _folded(names: Collection[str]) -> frozenset[str]:
    return frozenset(map(_as_read, names))


def _as_read(name: str) -> str:
    """Return a name without what cannot be seen: case, accents written apart, marks of no width."""
    folded = normalize("NFKC", normalize("NFKC", name).casefold())
    return "".join(letter for letter in folded if category(letter) != "Cf").strip()


def _set(names: list[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)
