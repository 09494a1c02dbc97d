"""Where the money is tight: what one more unit of each limit is worth, by the plan's prices.

A price bounds what the next unit can add: no plan with so many more units gains more than that and
what the plan itself may still be short of the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.explanation import Worth
from models.lists import lies_under, split_list, split_path
from planner.explain.alternatives import CAUSES, SMALLEST_MONEY
from planner.measures import Measure
from planner.rules.capacity import Capacity
from planner.rules.fairness import Fairness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Floats
    from planner.planned import Planned
    from planner.rules.rule import Rule

ONE = {"hours": "one more hour a week", "leads": "one more lead", "money": "one more unit of money"}
POINT = 0.01
REGION_DEPTH = 2
ANY = "any"


def worths(planned: Planned) -> tuple[Worth, ...]:
    """Return what one more unit of each limit is worth, the dearest first; 0 is left out.

    Of bands around fair shares it is one point of width, over all reps together.
    """
    found = list(_units(planned))
    found += _points(planned)
    return tuple(sorted(found, key=lambda worth: -worth.price))


def _units(planned: Planned) -> Iterator[Worth]:
    compiled, weeks = planned.compiled, planned.compiled.facts.period.weeks
    for number, (rule, resource) in enumerate(
        zip(compiled.rules, compiled.problem.resources, strict=True)
    ):
        if isinstance(rule, Fairness):
            continue
        # Hours are limited over the whole period; people think of hours a week.
        per_unit = weeks if resource.unit == "hours" else 1.0
        for group, price in enumerate(planned.prices[number]):
            worth = abs(float(price)) * per_unit
            if worth <= SMALLEST_MONEY:
                continue
            limit = resource.upper if price > 0 else resource.lower
            yield Worth(
                cause=CAUSES[rule.section],
                sentence=rule.told(),
                limit=resource.name,
                group=compiled.labels[number][group],
                what=ONE.get(resource.unit, "one more"),
                price=worth,
                load=float(planned.loads[number][group]),
                bound=float(limit[group]),
            )


def _points(planned: Planned) -> Iterator[Worth]:
    compiled = planned.compiled
    for number, rule in enumerate(compiled.rules):
        if not isinstance(rule, Fairness) or rule.band is None:
            continue
        total = compiled.settled.fair_totals.get(rule.label)
        if total is None:
            continue
        share = np.nan_to_num(rule.shares(compiled.facts, total))
        worth = float((np.abs(planned.prices[number]) * share).sum()) * POINT
        if worth > SMALLEST_MONEY:
            yield Worth(
                cause=CAUSES[rule.section],
                sentence=rule.told(),
                limit=rule.label,
                group="all",
                what="one point of the band",
                price=worth,
                load=float(planned.loads[number].sum()),
                bound=total,
            )


def hour_prices(planned: Planned) -> pd.DataFrame:
    """Return what one more hour a week is worth of reps who cover a region and have a skill.

    Returns
    -------
    DataFrame : region, skill (`any`: with whatever skills), reps, hours (a week), price (money, the
        mean by hours), dearest first; where the policy limits no hours, leads in their place
    """
    compiled = planned.compiled
    measure, price, limit = _main_limit(planned)
    reps = compiled.snapshot.reps
    covered = [split_list(cell) if isinstance(cell, str) else [] for cell in reps["regions"]]
    skills = [set(split_list(cell)) if isinstance(cell, str) else set() for cell in reps["skills"]]
    at_work = ~compiled.facts.has_left & np.isfinite(limit) & (limit > 0)
    rows = []
    for region in sorted(short_regions(compiled.snapshot.leads).dropna().unique()):
        covers = np.array([any(_covers(region, path) for path in paths) for paths in covered])
        for skill in (ANY, *lead_skills(compiled.snapshot.leads)):
            has = np.array([skill == ANY or bool({skill, "*"} & own) for own in skills])
            who = covers & has & at_work
            if who.any():
                mean = float((price[who] * limit[who]).sum() / limit[who].sum())
                rows.append((region, skill, int(who.sum()), float(limit[who].sum()), mean))
    columns = ["region", "skill", "reps", str(measure), "price"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("price", ascending=False, kind="stable", ignore_index=True)


def _main_limit(planned: Planned) -> tuple[str, Floats, Floats]:
    """Return what is limited, (n_reps,) what one more is worth, and (n_reps,) the limits."""
    compiled, weeks = planned.compiled, planned.compiled.facts.period.weeks
    found: dict[Measure, tuple[str, Floats, Floats]] = {}
    for number, (rule, resource) in enumerate(
        zip(compiled.rules, compiled.problem.resources, strict=True)
    ):
        if _is_plain(rule) and isinstance(rule, Capacity):
            per_unit = weeks if rule.measure is Measure.EFFORT_HOURS else 1.0
            name = "hours" if rule.measure is Measure.EFFORT_HOURS else "leads"
            found[rule.measure] = (
                name,
                np.maximum(planned.prices[number], 0.0) * per_unit,
                resource.upper / per_unit,
            )
    nothing = np.zeros(compiled.facts.num_reps)
    for measure in (Measure.EFFORT_HOURS, Measure.COUNT):
        if measure in found:
            return found[measure]
    return "hours", nothing, nothing


def _is_plain(rule: Rule) -> bool:
    """Return whether a rule limits all that each rep holds."""
    return isinstance(rule, Capacity) and rule.where is None and rule.per.value == "rep"


def short_regions(leads: pd.DataFrame) -> pd.Series:
    """Return (n_leads,) the regions of leads, cut to the first parts of their paths."""
    paths = leads["region"].dropna().unique()
    short = {path: "/".join(split_path(path)[:REGION_DEPTH]) for path in paths}
    return leads["region"].map(short)


def lead_skills(leads: pd.DataFrame) -> list[str]:
    """Return the skills that leads need, sorted."""
    lists = (split_list(cell) for cell in leads["needs"].dropna().unique())
    return sorted({skill for cells in lists for skill in cells})


def _covers(region: str, path: str) -> bool:
    return path == "*" or lies_under(region, path) or lies_under(path, region)
