"""Which rules keep leads from reps: all of them, and the smallest sets that would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.explanation import Ban, Relaxation
from planner.case import Case
from planner.rules.active import Active

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.compile import Compiled
    from planner.rules.rule import Rule

NAMED_AT_MOST = 5


def bans(compiled: Compiled, leads: Ints, rep: int) -> tuple[Ban, ...]:
    """Return all rules that keep any of some leads, one family, from a rep, in plain words."""
    lead_ids = compiled.snapshot.leads["lead_id"].astype(str).to_numpy()
    rep_id = str(compiled.snapshot.reps["rep_id"].iat[rep])
    asked = pd.DataFrame({"lead_id": lead_ids[leads], "rep_id": rep_id})
    case = Case(compiled.policy, compiled.snapshot, asked, compiled.settled)
    found: list[Ban] = []
    for lead in leads:
        for rule in compiled.eligibility.forbidding(int(lead), rep):
            lead_id = lead_ids[lead]
            texts = [told.text for told in rule.violations(case) if told.lead_id == lead_id]
            found.append(_ban(rule, lead_id, texts[0] if texts else rule.told()))
    if not found and not compiled.eligibility.allows(_row(compiled, leads), np.array([rep]))[0]:
        # No rule on pairs keeps the lead away, so it is a limit that the rep is over today.
        for rule, held in _overfull(compiled, rep):
            text = f"{held} is over this limit today and gains nothing that counts in it"
            found.append(_ban(rule, lead_ids[leads[0]], text))
    return tuple(found)


def _ban(rule: Rule, lead_id: str, text: str) -> Ban:
    return Ban(lead_id=str(lead_id), rule=rule.name, sentence=rule.told(), text=text)


def _row(compiled: Compiled, leads: Ints) -> Ints:
    return compiled.row_of_lead[leads[:1]]


def _overfull(compiled: Compiled, rep: int) -> Iterator[tuple[Rule, str]]:
    """Yield the limits that a rep, or the rep's team, stays over, and who that is."""
    reps = compiled.snapshot.reps
    names = {str(reps["rep_id"].iat[rep]), str(reps["team"].iat[rep])}
    for rule in compiled.policy.capacity:
        for name in sorted(names & set(compiled.settled.of(rule.label))):
            yield rule, name


def relaxations(compiled: Compiled, leads: Ints, lead: int) -> tuple[Relaxation, ...]:
    """Return the smallest sets of rules without which reps may work a lead.

    No set contains another; the smallest come first, then those of the rep with the highest score,
    and those of reps who have left come last.

    Parameters
    ----------
    leads : its family, itself included
    """
    rules = (*compiled.eligibility.rules, *compiled.policy.capacity)
    columns, set_of_rep = np.unique(_against(compiled, leads).T, axis=0, return_inverse=True)
    sets = [frozenset(np.flatnonzero(column).tolist()) for column in columns]
    told = []
    for number, names in enumerate(sets):
        if not names or any(other and other < names for other in sets):
            continue
        reps = np.flatnonzero(set_of_rep == number)
        score = _scores(compiled, leads, reps)
        reps = reps[np.argsort(-score, kind="stable")]
        chosen = [rules[number] for number in sorted(names)]
        # Who has left may not come back; all others can be talked about.
        has_left = any(isinstance(rule, Active) for rule in chosen)
        rank = (has_left, len(names), -float(score.max()))
        told.append((rank, _relaxation(compiled, chosen, reps)))
    found = [relaxation for _, relaxation in sorted(told, key=lambda each: each[0])]
    alone = np.flatnonzero(~_forbidden(compiled, np.array([lead])).any(axis=0))
    if len(leads) > 1 and len(alone):
        found.insert(0, _relaxation(compiled, [compiled.policy.families], alone))
    return tuple(found)


def no_rep_text(relaxed: tuple[Relaxation, ...]) -> str:
    """Return in words what would let a rep work a lead that none may."""
    if not relaxed:
        return "there is no rep"
    first = relaxed[0]
    names = " and ".join(first.rules)
    who = first.rep_ids[0]
    more = len(first.rep_ids) - 1
    others = f" or one of {more:,} others" if more > 1 else " or another" if more else ""
    return f"no rep passes all rules; without {names}, {who}{others} could work it"


def _relaxation(compiled: Compiled, rules: Sequence[Rule], reps: Ints) -> Relaxation:
    rep_ids = compiled.snapshot.reps["rep_id"].astype(str)
    return Relaxation(
        rules=tuple(rule.name for rule in rules),
        sentences=tuple(rule.told() for rule in rules),
        rep_ids=tuple(rep_ids.iloc[reps]),
    )


def _forbidden(compiled: Compiled, leads: Ints) -> NDArray[np.bool_]:
    """Return (n_rules, n_reps) which rule keeps any of some leads from which rep."""
    masks = compiled.eligibility.masks
    return np.array([~mask.allowed[mask.key[leads]].all(axis=0) for mask in masks])


def _against(compiled: Compiled, leads: Ints) -> NDArray[np.bool_]:
    """Return (n_rules, n_reps) what keeps a family from which rep; limits follow the rules."""
    forbidden = _forbidden(compiled, leads)
    reps = np.arange(compiled.facts.num_reps)
    allowed = compiled.eligibility.allows(np.repeat(_row(compiled, leads), len(reps)), reps)
    limits = np.zeros((len(compiled.policy.capacity), len(reps)), bool)
    number = {id(rule): at for at, rule in enumerate(compiled.policy.capacity)}
    for rep in np.flatnonzero(~allowed & ~forbidden.any(axis=0)):
        for rule, _ in _overfull(compiled, int(rep)):
            limits[number[id(rule)], rep] = True
    return np.vstack([forbidden, limits])


def _scores(compiled: Compiled, leads: Ints, reps: Ints) -> Floats:
    """Return (n,) money: what some leads would score with each of some reps."""
    lead, rep = np.tile(leads, len(reps)), np.repeat(reps, len(leads))
    scores: Floats = compiled.valuation.score(lead, rep).reshape(len(reps), len(leads)).sum(axis=1)
    return scores
