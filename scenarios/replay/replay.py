"""Plays the past again: plans week after week, with what was known then, against who did it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import UsageError
from models.outcome import Limits
from scenarios.replay.calendar import starts_of
from scenarios.replay.contenders import contenders
from scenarios.replay.deals import deals_of
from scenarios.replay.judge import Judge
from scenarios.replay.kept import Kept
from scenarios.replay.players import Players, owners_of
from scenarios.replay.scores import summary_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from models.snapshot import Snapshot
    from planner.policy import Policy

DEFAULT_LIMITS = Limits(seconds=10.0, gap=1e-3)
ONE_WEEK = timedelta(weeks=1)
AGAINST = ("round_robin", "greedy")


@dataclass(frozen=True, eq=False)
class Replay:
    """What would have been.

    Attributes
    ----------
    weeks : a row per week and contender; money in the company's currency, value_gini and
        count_gini from 0 (all equal) to 1
    summary : a row per contender
    assignments : week, contender, lead_id, rep_id (NaN for nobody)
    judged_by : whose amounts and win probabilities value all contenders, in a sentence
    notes : what the tables do not tell, in sentences
    """

    weeks: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    assignments: pd.DataFrame = field(repr=False)
    judged_by: str
    notes: tuple[str, ...]


def replay(
    snapshot: Snapshot,
    policy: Policy,
    *,
    judge: Policy | None = None,
    first: date | None = None,
    last: date | None = None,
    every: timedelta = ONE_WEEK,
    against: Sequence[str] = AGAINST,
    limits: Limits = DEFAULT_LIMITS,
    out: Path | None = None,
    told: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> Replay:
    """Return what contenders would have made of the past.

    At the beginning of each week the leads that had come and not closed are assigned, from what had
    closed before. Nobody owns a lead at first; afterwards each contender has its own owners. A lead
    leaves all of them when it closed in truth: who works it does not change when it closes.

    Parameters
    ----------
    snapshot : the company at the end; its history tells `created`
    policy : learns its win probabilities from history
    judge : the policy that values all contenders, on all that is known at the end; `policy` itself
        if not given
    first, last, every : the days on which plans are made
    against : simple policies
    limits : of each plan
    out : where weeks are kept, so that a run that was ended goes on
    told : hears each row as it comes

    Raises
    ------
    UsageError : the tables do not tell the past, or the days or names make no sense
    InputError, PolicyError : the policy, or the judge, does not fit the past
    """
    names = contenders(against)
    _refuse_what_looks_ahead(snapshot, policy)
    deals = deals_of(snapshot)
    starts = starts_of(snapshot, deals, first, last, every)
    judging = Judge(judge or policy, snapshot, deals)
    given = {
        "snapshot": snapshot.content_hash,
        "policies": [policy.content_hash, (judge or policy).content_hash],
        "starts": [str(start) for start in starts],
        "every": str(every),
        "names": names,
        "limits": asdict(limits),
    }
    kept = None if out is None else Kept.at(out, given)
    players = Players(names, snapshot, policy, deals, judging, limits)
    owners: dict[str, dict[str, str]] = {name: {} for name in names}
    rows: list[dict[str, Any]] = []
    tables = []
    for start in starts:
        day = start.date().isoformat()
        week = kept.week(day) if kept is not None else None
        if week is None:
            week = players.play(start, start + pd.DateOffset(days=every.days), owners)
            if kept is not None:
                kept.write(day, *week)
        for row in week[0]:
            told(row)
        rows += week[0]
        tables.append(week[1])
        for name in names:
            owners[name] = owners_of(week[1][week[1]["contender"] == name])
    if not rows:
        raise UsageError("no lead was open on any of the days; choose other ones")
    weeks = pd.DataFrame(rows)
    return Replay(
        weeks=weeks,
        summary=summary_of(weeks),
        assignments=pd.concat(tables, ignore_index=True),
        judged_by=_judged_by(policy, judge),
        notes=deals.notes,
    )


def _refuse_what_looks_ahead(snapshot: Snapshot, policy: Policy) -> None:
    """Raise UsageError where chances or amounts are told only as of the end."""
    faults = []
    if policy.win_probability.history is None:
        faults.append(
            f"win probabilities come from the column {policy.win_probability.column!r}, which "
            "tells the end; let the policy learn them: `win_probability: {history: {...}}`"
        )
    known = snapshot.present.get("history", frozenset())
    amount = policy.amount
    if amount.column == "amount" and amount.missing == "error" and "expected_amount" not in known:
        faults.append(
            "history does not tell what deals were thought to bring while they were open; add its "
            "column `expected_amount`, or say in `amount: {missing: ...}` what counts for them"
        )
    if faults:
        raise UsageError("the policy would look ahead: " + "; ".join(faults))


def _judged_by(policy: Policy, judge: Policy | None) -> str:
    if judge is None:
        return (
            f"Judged by {policy.name} itself, its win probabilities learned from all of history, "
            "the weeks that are replayed included."
        )
    return f"Judged by {judge.name}: {judge.win_probability.sentence()}"
