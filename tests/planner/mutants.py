"""Breaks a sound plan in one named way at a time, by what the slow construction knows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from planner.policy import policy_from_text
from planner.solve import make_plan
from tests.companies import random_company
from tests.planner.slow_compile import SlowCompiler
from tests.policies import policy_data, yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from models.snapshot import Snapshot
    from planner.policy import Policy
    from tests.planner.slow_compile import SlowProblem

BASES = 12
FEWEST_ASSIGNED = 3
STATED = ["lead_id", "rep_id", "expected_value", "score"]
RULES: dict[str, Any] = policy_data(
    must=[
        {"region": {}},
        {"skills": {}},
        {"match": {"lead": "language", "rep": "languages"}},
        {"level": {"by": "grade", "least": {"A": 2, "B": 1}}},
        {"available": {"at_least": "50%", "cover": False}},
    ],
    prefer=[{"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}}],
    win_probability={"history": {"by": ["product"]}},
    capacity=[
        {"measure": "effort_hours", "at_most": "capacity_hours"},
        {"measure": "count", "at_most": "max_leads", "reserve": "15%"},
        {"measure": "count", "at_most": 1, "where": {"stage": "new"}},
    ],
    period={"starts": "as_of", "length": "10 days"},
)
EVERY_LEAD: dict[str, Any] = policy_data(unassigned="forbidden")


@dataclass(frozen=True)
class Base:
    """A sound plan, and what the slow construction knows of its company.

    Attributes
    ----------
    plan : lead_id, rep_id, expected_value and score of every lead
    slow : who may work what, and the limits
    """

    policy: Policy
    snapshot: Snapshot
    plan: pd.DataFrame
    slow: SlowProblem

    @property
    def reps(self) -> list[str]:
        """The rep_ids."""
        reps: list[str] = self.snapshot.reps["rep_id"].tolist()
        return reps

    def with_reps(self, reps: dict[str, str | None]) -> pd.DataFrame:
        """Return lead_id and rep_id of the plan, some leads with another rep, or with None."""
        pairs = self.plan[["lead_id", "rep_id"]].copy()
        for lead_id, rep_id in reps.items():
            pairs.loc[pairs["lead_id"] == lead_id, "rep_id"] = rep_id
        return pairs


@cache
def base(number: int, *, every_lead: bool = False) -> Base:
    """Return a sound greedy plan of a random company."""
    rng = np.random.default_rng([number, every_lead])
    data = EVERY_LEAD if every_lead else RULES
    policy = policy_from_text(yaml_text(data))
    while True:
        company = random_company(rng, 12, 5, num_pins=0, everything=0.8)
        plan = make_plan(company.snapshot(), policy, engine="greedy")
        pinned = replace(company, frames={**company.frames, "pins": _pins(plan.assignments, rng)})
        snapshot = pinned.snapshot()
        plan = make_plan(snapshot, policy, engine="greedy")
        if plan.record.feasible and plan.record.kpis.assigned >= FEWEST_ASSIGNED:
            slow = SlowCompiler(data, snapshot).problem()
            return Base(policy, snapshot, plan.assignments[STATED], slow)


def _pins(plan: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return pins that a plan keeps: one lead fixed to its rep, two barred from another's."""
    assigned = plan.dropna(subset="rep_id").sample(frac=1, random_state=rng)
    fixed, others = assigned[:1], assigned[1:3]
    barred = [assigned["rep_id"][assigned["rep_id"] != rep][:1] for rep in others["rep_id"]]
    pins = [
        (lead, rep, "fixed") for lead, rep in zip(fixed["lead_id"], fixed["rep_id"], strict=True)
    ]
    for lead_id, rep in zip(others["lead_id"], barred, strict=True):
        pins += [(lead_id, rep_id, "forbidden") for rep_id in rep]
    return pd.DataFrame(pins, columns=["lead_id", "rep_id", "kind"], dtype="str")


def forbidden_pair(rule: str, of: Base, rng: Random) -> pd.DataFrame | None:
    """Give a lead to a rep that the rule keeps from it."""
    pairs = [pair for pair, rules in of.slow.forbidden.items() if rule in rules]
    return of.with_reps(dict([rng.choice(pairs)])) if pairs else None


def who_has_left(of: Base, rng: Random, *, departs: bool) -> pd.DataFrame | None:
    """Give a lead to a rep who is inactive, or who departs."""
    active = of.snapshot.reps.set_index("rep_id")["active"]
    pairs = [
        (lead, rep)
        for (lead, rep), rules in of.slow.forbidden.items()
        if "active" in rules and (active[rep] != 0) == departs
    ]
    return of.with_reps(dict([rng.choice(pairs)])) if pairs else None


def pinned(of: Base, rng: Random, *, kind: str) -> pd.DataFrame | None:
    """Give a fixed lead to another rep, or a lead to the rep it is barred from."""
    pins = of.snapshot.pins
    pins = pins[pins["kind"] == kind]
    if pins.empty:
        return None
    pin = pins.iloc[rng.randrange(len(pins))]
    others = [rep for rep in of.reps if (rep == pin["rep_id"]) == (kind == "forbidden")]
    return of.with_reps({pin["lead_id"]: rng.choice(others)})


def fixed_dropped(of: Base, rng: Random) -> pd.DataFrame | None:
    """Leave a fixed lead with nobody."""
    pins = of.snapshot.pins
    fixed = pins.loc[pins["kind"] == "fixed", "lead_id"].tolist()
    return of.with_reps({rng.choice(fixed): None}) if fixed else None


def over_limit(number: int, of: Base, rng: Random) -> pd.DataFrame | None:
    """Give one rep leads until the limit is exceeded."""
    limit, rep = of.slow.limits[number], rng.choice(of.reps)
    given: dict[str, str | None] = {
        lead_id: None
        for lead_id, rep_id in zip(of.plan["lead_id"], of.plan["rep_id"], strict=True)
        if rep_id == rep
    }
    load = limit.base[rep]
    for row in rng.sample(range(len(of.slow.rows)), len(of.slow.rows)):
        given |= dict.fromkeys(of.slow.rows[row], rep)
        load += limit.amount[row, rep]
        if load > limit.upper[rep] + 2e-6 * max(1.0, limit.upper[rep]):
            return of.with_reps(given)
    return None


def family_split(of: Base, rng: Random) -> pd.DataFrame | None:
    """Take one lead of a family elsewhere, or let it stay alone."""
    families = [row for row in of.slow.rows if len(row) > 1]
    if not families:
        return None
    lead_id = rng.choice(rng.choice(families))
    now = of.plan.loc[of.plan["lead_id"] == lead_id, "rep_id"].dropna().tolist()
    others = [rep for rep in [*of.reps, None] if rep not in (now or [None])]
    return of.with_reps({lead_id: rng.choice(others)})


def lead_twice(of: Base, rng: Random) -> pd.DataFrame | None:
    """Let a lead stand twice, with any reps."""
    again = of.plan[["lead_id", "rep_id"]].sample(1, random_state=rng.randrange(2**32))
    return pd.concat([of.with_reps({}), again.assign(rep_id=rng.choice(of.reps))])


def unknown_lead(of: Base, rng: Random) -> pd.DataFrame | None:
    """Add, or put in another's place, a lead that no table knows."""
    mutant = of.with_reps({})
    stranger = rng.choice(["L-1", "l00", "", "L00 "])
    if rng.random() < 0.5:
        mutant.iloc[rng.randrange(len(mutant)), 0] = stranger
        return mutant
    return pd.concat([mutant, pd.DataFrame({"lead_id": [stranger], "rep_id": [of.reps[0]]})])


def unknown_rep(of: Base, rng: Random) -> pd.DataFrame | None:
    """Give a lead to a rep whom no table knows."""
    return of.with_reps({rng.choice(of.plan["lead_id"].tolist()): rng.choice(["R-1", "r1", ""])})


def dropped(of: Base, rng: Random) -> pd.DataFrame | None:
    """Leave a lead with nobody, by an empty cell or by its absence."""
    lead_id = rng.choice(of.plan["lead_id"].tolist())
    mutant = of.with_reps({lead_id: None})
    return mutant if rng.random() < 0.5 else mutant[mutant["lead_id"] != lead_id]


def misstated(column: str, of: Base, rng: Random, *, assigned: bool) -> pd.DataFrame | None:
    """State other money for a lead with a rep, or without one, than it is worth."""
    chosen = np.flatnonzero(of.plan["rep_id"].notna() == assigned)
    if not len(chosen):
        return None
    mutant, at = of.plan.copy(), int(rng.choice(chosen.tolist()))
    cell = (at, mutant.columns.tolist().index(column))
    true = float(of.plan[column].to_numpy()[at])
    wrong = [true + 0.011 + 2e-6 * abs(true), true - 0.011 - 2e-6 * abs(true), -true - 1, np.nan]
    mutant.iat[cell] = rng.choice(wrong)
    return mutant


MUTATIONS: dict[str, tuple[str, Callable[[Base, Random], pd.DataFrame | None]]] = {
    "over hours": ("capacity", partial(over_limit, 0)),
    "over count": ("capacity", partial(over_limit, 1)),
    "over filtered count": ("capacity", partial(over_limit, 2)),
    "wrong region": ("region", partial(forbidden_pair, "region")),
    "missing skill": ("skills", partial(forbidden_pair, "skills")),
    "wrong language": ("match", partial(forbidden_pair, "match")),
    "too low level": ("level", partial(forbidden_pair, "level")),
    "absent rep gets a new lead": ("available", partial(forbidden_pair, "available")),
    "inactive rep": ("active", partial(who_has_left, departs=False)),
    "departing rep": ("active", partial(who_has_left, departs=True)),
    "fixed lead moved": ("pins", partial(pinned, kind="fixed")),
    "fixed lead dropped": ("pins", fixed_dropped),
    "barred rep": ("pins", partial(pinned, kind="forbidden")),
    "family split": ("families", family_split),
    "lead twice": ("one_owner", lead_twice),
    "unknown lead": ("known_lead", unknown_lead),
    "unknown rep": ("known_rep", unknown_rep),
    "lead dropped although forbidden": ("unassigned", dropped),
    "expected value misstated": (
        "expected_value",
        partial(misstated, "expected_value", assigned=True),
    ),
    "score misstated": ("score", partial(misstated, "score", assigned=True)),
    "expected value without rep": (
        "expected_value",
        partial(misstated, "expected_value", assigned=False),
    ),
    "score without rep misstated": ("score", partial(misstated, "score", assigned=False)),
}
"""Name of the mutation -> the rule it breaks, and how."""
