"""Whether the whole assignment that a publication would make keeps the rules of its plan.

It is the plan's only where all of the plan is taken. A part beside leads that stay as they are, and
leads that keep another owner than the plan's, may break what the plan kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from api.services.desk.planned import inputs_of
from api.services.desk.publication_files import CHOSEN, HELD, SIDES_FILE, differ
from models.files.kept_tables import read_kept_tables
from models.files.own_parquet import read_frame
from models.files.plan_files import read_plan
from models.units import number_text
from planner.check import KNOWN_LEAD, KNOWN_REP, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from api.services.desk.planned import Sources
    from models.snapshot import Snapshot
    from planner.rules.rule import Violation

    Key = tuple[str, str, str, str, str]
    Found = Mapping[Key, Violation]

MOST_LISTED = 1000


class Cause(StrEnum):
    """Where a breach comes from."""

    CHOICE = "choice"
    KEPT_OWNERS = "kept_owners"
    CURRENT = "current"


ADVICE = {
    Cause.CHOICE: "publish more of the plan, or the whole of it; a lead that was given by hand may "
    "be returned to the pool, or be fixed by a pin before you plan again",
    Cause.KEPT_OWNERS: "plan again, from tables that tell who has these leads now",
    Cause.CURRENT: "it is so today and gets no worse; plan and publish the whole to mend it",
}


@dataclass(frozen=True)
class Breach:
    """A rule that the whole assignment would break.

    Attributes
    ----------
    cause : `choice`: a part, or leads given by hand, and it is refused; `kept_owners`: leads that
        keep an owner whom the plan did not know; `current`: it is broken today and gets no worse
    rule, sentence : its name, and the rule in words; text : what breaks it
    lead_id, rep_id : whom it concerns; "" where it concerns none; team : of the rep
    group : what is counted for whom, where that is no lead or rep only
    load, limit : of a sum, in the rule's unit; None where nothing is summed
    advice : what to do
    """

    cause: Cause
    rule: str
    sentence: str
    text: str
    lead_id: str
    rep_id: str
    team: str | None
    group: str
    load: float | None
    limit: float | None
    advice: str

    def told(self) -> str:
        """Return it in a sentence."""
        named = [f"{what} {name}" for what, name in (("lead", self.lead_id), ("rep", self.rep_id))]
        of_whom = ", ".join(name for name in named if not name.endswith(" ")) or self.group
        sums = ""
        if self.load is not None and self.limit is not None:
            load, limit = number_text(round(self.load, 4)), number_text(round(self.limit, 4))
            sums = f" (load {load}, limit {limit})"
        begin = f"{of_whom}: " if of_whom else ""
        return f"{begin}{self.text}{sums}. Rule: {self.sentence} What to do: {self.advice}."


@dataclass(frozen=True)
class Breaches:
    """What a whole assignment would break.

    Attributes
    ----------
    counts : by cause, of all
    listed : the first of them, those of the publication's own choice first
    """

    counts: dict[str, int]
    listed: tuple[Breach, ...]


def breaches_of(
    sources: Sources, assembled: Path, newest: Path | None, *, chosen: bool
) -> Breaches:
    """Return what the whole breaks, and of what that comes.

    A lead that the plan's tables do not know is taken from the newest; one that is in neither
    is not looked at.

    Parameters
    ----------
    sources : what the plan was made from
    assembled : the directory in which `assemble` left the sides
    newest : directory of tables that are newer than the plan's; None if there are none
    chosen : whether somebody chose to publish something else than the plan

    Raises
    ------
    InputError, PlanFileError : the files are damaged
    """
    plan = read_plan(sources.plan)
    snapshot, policy = inputs_of(sources, plan)
    sides = read_frame(assembled / SIDES_FILE)
    snapshot = _knowing(snapshot, sides["lead_id"], newest)
    sides = sides[sides["lead_id"].isin(snapshot.leads["lead_id"])]

    def found(side: str) -> Found:
        assignment = pd.DataFrame({"lead_id": sides["lead_id"], "rep_id": sides[side]})
        return _by_key(check(policy, snapshot, assignment, plan.record.settled))

    whole = found("rep_id")
    today = found(HELD) if whole else {}
    worse = {key for key in whole if _is_worse(whole[key], today.get(key))}
    by_choice = worse if chosen else set()
    if by_choice and differ(sides["rep_id"], sides[CHOSEN]).any():
        asked = found(CHOSEN)
        by_choice = {key for key in worse if _is_worse(asked.get(key), today.get(key))}
    team_of = dict(zip(snapshot.reps["rep_id"], snapshot.reps["team"], strict=True))
    return _told(whole, worse, by_choice, team_of)


def _told(
    whole: Found, worse: set[Key], by_choice: set[Key], team_of: Mapping[str, str]
) -> Breaches:
    by_cause: dict[Cause, list[Breach]] = {cause: [] for cause in Cause}
    for key, one in whole.items():
        cause = Cause.CURRENT if key not in worse else Cause.KEPT_OWNERS
        cause = Cause.CHOICE if key in by_choice else cause
        team = team_of.get(one.rep_id)
        by_cause[cause].append(
            Breach(
                cause=cause,
                rule=one.rule,
                sentence=one.sentence,
                text=one.text,
                lead_id=one.lead_id,
                rep_id=one.rep_id,
                team=team if isinstance(team, str) else None,
                group=one.group,
                load=one.load,
                limit=one.limit,
                advice=ADVICE[cause],
            )
        )
    listed = [breach for found in by_cause.values() for breach in found]
    counts = {str(cause): len(found) for cause, found in by_cause.items()}
    return Breaches(counts, tuple(listed[:MOST_LISTED]))


def _by_key(found: list[Violation]) -> Found:
    """Return breaches by what they are of; of those of the same, the greatest."""
    by_key: dict[Key, Violation] = {}
    for one in found:
        key = (one.rule, one.sentence, one.lead_id, one.rep_id, one.group)
        known = by_key.get(key)
        # Who is in no table of the plan's breaks no rule of it.
        if one.rule not in (KNOWN_LEAD, KNOWN_REP) and (known is None or one.amount > known.amount):
            by_key[key] = one
    return by_key


def _is_worse(one: Violation | None, before: Violation | None) -> bool:
    if one is None or before is None:
        return one is not None
    return one.amount > before.amount + 1e-6 * max(1.0, abs(before.amount))


def _knowing(snapshot: Snapshot, lead_ids: pd.Series, newest: Path | None) -> Snapshot:
    """Return the tables with those of some leads that only the newest tables know."""
    unknown = lead_ids[~lead_ids.isin(snapshot.leads["lead_id"])]
    if newest is None or unknown.empty:
        return snapshot
    more = read_kept_tables(newest).leads
    more = more[more["lead_id"].isin(unknown)].reindex(columns=snapshot.leads.columns)
    if more.empty:
        return snapshot
    more["owner"] = more["owner"].where(more["owner"].isin(snapshot.reps["rep_id"]))
    leads = pd.concat([snapshot.leads, more], ignore_index=True)
    # What is no exact copy of another lead has a number of its own.
    alone = np.arange(len(more)) + snapshot.duplicates.max(initial=-1) + 1
    copies = np.concatenate([snapshot.duplicates, alone])
    order = leads["lead_id"].argsort()
    leads = leads.iloc[order].reset_index(drop=True)
    return replace(
        snapshot, tables={**snapshot.tables, "leads": leads}, duplicates=copies[order.to_numpy()]
    )
