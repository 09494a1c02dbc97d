"""What changed since an earlier plan, or against the present owners, and why.

Inputs are compared first: who left, which pins and rules forbid staying, whose room shrank. Only
where staying is still possible do value, limits and prices tell.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from models.errors import FairleadError
from models.explanation import Cause, Change, ChangeCode
from models.problem import NOBODY
from planner.eligibility import eligibility
from planner.explain.alternatives import alternative
from planner.explain.bans import bans
from planner.explain.words import LEAST_MONEY, Words
from planner.policy import policy_from_text
from planner.rules.pins import Pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from models.explanation import Alternative, Ban
    from models.plan import Plan
    from planner.eligibility import Eligibility
    from planner.planned import Planned

LIMIT = " limit"
SAME = 1e-9
BY_CAUSE = {Cause.CAPACITY: ChangeCode.CAPACITY, Cause.FAIRNESS: ChangeCode.FAIRNESS}


def changes(planned: Planned, before: Plan | None = None) -> tuple[Change, ...]:
    """Return every lead that has another rep than before, with the reason.

    Parameters
    ----------
    before : an earlier plan; the present owners if not given
    """
    return tuple(_Changes(planned, before).all())


class _Changes:
    """A plan beside what was before."""

    def __init__(self, planned: Planned, before: Plan | None) -> None:
        self._planned, self._before = planned, before
        self._words = Words.of(planned)
        leads = planned.compiled.snapshot.leads
        known = leads.assign(rep_id=leads["owner"]) if before is None else before.assignments
        self._rep_before: dict[str, object] = dict(
            zip(known["lead_id"], known["rep_id"], strict=True)
        )
        self._positions = {rep_id: at for at, rep_id in enumerate(self._reps["rep_id"])}

    @property
    def _reps(self) -> pd.DataFrame:
        return self._planned.compiled.snapshot.reps

    def all(self) -> Iterator[Change]:
        """Yield each change."""
        for lead, lead_id in enumerate(self._planned.compiled.snapshot.leads["lead_id"]):
            now = self._planned.rep_id(int(self._planned.rep_of_lead[lead]))
            known = self._rep_before.get(lead_id)
            earlier = known if isinstance(known, str) else None
            if lead_id not in self._rep_before:
                if now is not None:
                    yield self._change(lead_id, None, now, ChangeCode.NEW_LEAD, "it is new")
            elif earlier != now:
                yield self._why(lead, str(lead_id), earlier, now)
        present = set(self._planned.compiled.snapshot.leads["lead_id"])
        for lead_id, rep_id in self._rep_before.items():
            if lead_id not in present and isinstance(rep_id, str):
                text = "it is not in the tables any more"
                yield self._change(lead_id, rep_id, None, ChangeCode.LEAD_GONE, text)

    def _why(self, lead: int, lead_id: str, earlier: str | None, now: str | None) -> Change:
        planned = self._planned
        rep = NOBODY if earlier is None else self._positions.get(earlier)
        if rep is None or (rep != NOBODY and planned.compiled.facts.has_left[rep]):
            return self._change(
                lead_id, earlier, now, ChangeCode.REP_LEFT, f"{earlier} does not work any more"
            )
        row = int(planned.compiled.row_of_lead[lead])
        pair = planned.pair(row, rep)
        if pair is None:
            return self._forbidden(lead, lead_id, earlier, now, rep)
        other = alternative(planned, row, pair)
        code, text = self._priced(other, earlier)
        return self._change(lead_id, earlier, now, code, text, gain=other.gain)

    def _forbidden(
        self, lead: int, lead_id: str, earlier: str | None, now: str | None, rep: int
    ) -> Change:
        """Return the change of a lead that may not stay."""
        if rep == NOBODY:
            text = "it must have a rep now"
            return self._change(lead_id, earlier, now, ChangeCode.RULE_FORBIDS, text)
        planned = self._planned
        found = bans(planned.compiled, planned.leads_of(planned.compiled.row_of_lead[lead]), rep)
        names = tuple(dict.fromkeys(ban.rule for ban in found))
        if names == (Pins.name,):
            text = "; ".join(dict.fromkeys(ban.text for ban in found))
            return self._change(lead_id, earlier, now, ChangeCode.PINNED, text)
        code = self._code_of_ban(found, rep)
        since = "since the policy changed" if code is ChangeCode.POLICY_CHANGED else "now"
        texts = "; ".join(dict.fromkeys(ban.text for ban in found))
        text = f"{' and '.join(names)} {since} forbid{'s' * (len(names) == 1)} {earlier}: {texts}"
        return self._change(lead_id, earlier, now, code, text, rules=names)

    def _code_of_ban(self, found: tuple[Ban, ...], rep: int) -> ChangeCode:
        """Return whether the earlier policy would have let a family stay with a rep."""
        eligible = self._earlier_eligibility
        if eligible is None:
            return ChangeCode.RULE_FORBIDS
        leads = [self._planned.lead(ban.lead_id) for ban in found]
        was_forbidden = any(any(eligible.forbidding(lead, rep)) for lead in leads)
        return ChangeCode.RULE_FORBIDS if was_forbidden else ChangeCode.POLICY_CHANGED

    @cached_property
    def _earlier_eligibility(self) -> Eligibility | None:
        """Whom the earlier policy allows as the tables are now; None if it cannot be told."""
        if self._before is None or self._before.policy_text == self._planned.plan.policy_text:
            return None
        snapshot = self._planned.compiled.snapshot
        try:
            policy = policy_from_text(self._before.policy_text)
            facts = policy.facts(snapshot)
            policy.check(snapshot, facts)
        except FairleadError:
            return None
        rules = policy.in_force(snapshot).eligibility()
        return eligibility(rules, facts, facts.row_of_lead)

    def _priced(self, other: Alternative, earlier: str | None) -> tuple[ChangeCode, str]:
        """Return why a lead did not stay where it might have."""
        words = self._words
        if abs(other.gain) <= LEAST_MONEY and not other.obstacles:
            return ChangeCode.AS_GOOD, words.held_back(other)
        if other.gain <= LEAST_MONEY:
            return ChangeCode.BETTER_FIT, words.held_back(other)
        if not other.obstacles:
            return ChangeCode.GAP, words.held_back(other)
        shrunk = [each for each in other.obstacles if self._shrank(each.limit, each.group)]
        if shrunk:
            what = " and ".join(each.limit for each in shrunk)
            text = f"{earlier} has less room than before ({what}); {words.held_back(other)}"
            return ChangeCode.LESS_ROOM, text
        code = BY_CAUSE.get(other.obstacles[0].cause, ChangeCode.OTHER_LIMIT)
        return code, words.held_back(other)

    def _shrank(self, limit: str, holder: str) -> bool:
        """Return whether a rep's limit is lower than in the earlier plan."""
        if self._before is None:
            return False
        was, now = (
            _limit(table, f"{limit}{LIMIT}", holder)
            for table in (self._before.reps, self._planned.plan.reps)
        )
        return now < was * (1 - SAME)

    def _change(
        self,
        lead_id: str,
        earlier: str | None,
        now: str | None,
        code: ChangeCode,
        because: str,
        *,
        rules: tuple[str, ...] = (),
        gain: float | None = None,
    ) -> Change:
        way = f"{lead_id} goes from {earlier or 'nobody'} to {now or 'nobody'}"
        return Change(
            lead_id=lead_id,
            from_rep=earlier,
            to_rep=now,
            code=code,
            text=f"{way}: {because}.",
            rules=rules,
            gain=gain,
        )


def _limit(reps: pd.DataFrame, column: str, rep_id: str) -> float:
    """Return a rep's limit; NaN where the plan has none."""
    if column not in reps:
        return np.nan
    return float(reps.set_index("rep_id")[column].get(rep_id, np.nan))
