"""What the whole assignment of a publication breaks: found, kept with its row, refused, told."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from api.errors import BreachError
from api.services.desk.whole import Breach, Breaches, Cause, breaches_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from api.services.access.principal import Principal
    from api.services.desk.planned import Sources
    from api.services.desk.publication_files import Assembled
    from api.services.publications.basis import Basis
    from api.services.service import Service
    from api.store.columns import Json

SHOWN = 3
HIDDEN = "told to those only who see the rep"


@dataclass(frozen=True)
class Judged:
    """What is known of a whole assignment, as a publication's row keeps it.

    Attributes
    ----------
    basis : tells what was judged; the same again is not judged again
    checked : whether the rules were read; not where the plan's tables are not kept any more
    chosen : whether it is not the plan by the choice of who publishes it
    """

    basis: str
    checked: bool
    chosen: bool
    breaches: Breaches

    def row(self) -> Json:
        """Return what is kept."""
        return {
            "basis": self.basis,
            "checked": self.checked,
            "chosen": self.chosen,
            "counts": self.breaches.counts,
            "listed": [asdict(one) for one in self.breaches.listed],
        }

    @classmethod
    def of_row(cls, kept: Json) -> Judged:
        """Return what was kept."""
        listed = tuple(Breach(**one) for one in kept["listed"])
        breaches = Breaches(kept["counts"], listed)
        return cls(kept["basis"], kept["checked"], kept["chosen"], breaches)


def judged(
    service: Service,
    basis: Basis,
    assembled: Assembled,
    sources: Sources | None,
    newest: Path | None,
    known: Json | None,
) -> Judged:
    """Return what a whole assignment breaks: nothing where it is the plan, which was checked.

    Parameters
    ----------
    sources : what its plan was made from; None where that is not kept any more
    newest : directory of newer tables; None if there are none
    known : what the row keeps of an earlier look at it
    """
    told = hashlib.sha256(f"{basis} {assembled.hash}".encode()).hexdigest()
    if known is not None and known["basis"] == told:
        return Judged.of_row(known)
    if assembled.as_planned or sources is None:
        nothing = Breaches(dict.fromkeys(map(str, Cause), 0), ())
        return Judged(told, assembled.as_planned, assembled.chosen, nothing)
    found = service.clerk.ask(
        breaches_of, sources, assembled.files[0].parent, newest, chosen=assembled.chosen
    )
    return Judged(told, checked=True, chosen=assembled.chosen, breaches=found)


def refuse_broken(found: Judged, who: Principal | None) -> None:
    """Raise BreachError if what was chosen to be published breaks what holds today.

    Parameters
    ----------
    who : asks, and is told of what concerns others only that it is so; None is told all
    """
    if found.chosen and not found.checked:
        raise BreachError(
            "the tables of the plan are not kept any more, so what is published together with "
            "leads that stay as they are cannot be held against its rules; plan again, or publish "
            "the whole plan",
            (),
        )
    number = found.breaches.counts[Cause.CHOICE]
    if not number:
        return
    listed = seen(who, found.breaches.listed)
    texts = " ".join(one.told() for one in listed[: min(number, SHOWN)])
    more = f" And {number - SHOWN:,} more" if number > SHOWN else ""
    raise BreachError(
        f"{in_short(found)}: {texts}{more}",
        tuple(asdict(one) | {"told": one.told()} for one in listed),
    )


def in_short(found: Judged) -> str:
    """Return how many rules what was chosen to be published breaks."""
    number = found.breaches.counts[Cause.CHOICE]
    what = "a rule that holds" if number == 1 else f"{number:,} rules that hold"
    return f"together with the leads that stay as they are it would break {what} today"


def seen(who: Principal | None, listed: Iterable[Breach]) -> list[Breach]:
    """Return breaches as somebody may see them: of reps of other teams only which rule it is."""
    return [one if who is None or _sees(who, one) else _hidden(one) for one in listed]


def _sees(who: Principal, one: Breach) -> bool:
    if who.sees_all:
        return True
    in_team = who.teams is not None and one.team in who.teams
    return who.reads and who.regions is None and in_team


def _hidden(one: Breach) -> Breach:
    return Breach(
        cause=one.cause,
        rule=one.rule,
        sentence=one.sentence,
        text=HIDDEN,
        lead_id="",
        rep_id="",
        team=None,
        group="",
        load=None,
        limit=None,
        advice=one.advice,
    )
