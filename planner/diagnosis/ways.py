"""An assignment that breaks few limits, as steps: what to relax, by how much, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.conflict import Side
from models.diagnosis import Step, WayOut
from models.resource import slack
from models.units import share_text
from planner.diagnosis.causes import amount_text, quantity, subject, whence, who, whose
from planner.diagnosis.kinds import Kind
from planner.rules.fairness import Fairness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.arrays import Floats, Ints
    from planner.diagnosis.bound_leads import Bindings
    from planner.diagnosis.elastic import Elastic


def way_out(found: Elastic, chosen: Ints) -> WayOut:
    """Return what must give way so that an assignment, (n_rows,), is a plan."""
    loads = found.problem.loads(chosen)
    steps = [step for place in range(len(loads)) for step in _steps(found, place, loads, chosen)]
    return WayOut(steps=tuple(steps), cost=round(-found.problem.objective(chosen), 6))


def _steps(found: Elastic, place: int, loads: tuple[Floats, ...], chosen: Ints) -> Iterator[Step]:
    """Yield what must give way of one resource."""
    resource, load = found.problem.resources[place], loads[place]
    bound = found.bound_at(place)
    above = (resource.over_cost > 0) & (load > resource.upper + slack(resource.upper))
    below = (resource.under_cost > 0) & (load < resource.lower - slack(resource.lower))
    if bound is not None:
        for group in np.flatnonzero(above).tolist():
            yield _lifted(found, bound, group, chosen)
    elif (rule := _band_rule(found, place)) is not None:
        if above.any() or below.any():
            yield _widened(found, rule, load, above, below)
    else:
        for group in np.flatnonzero(above).tolist():
            yield _moved(found, place, group, Side.UPPER, float(load[group]))
        for group in np.flatnonzero(below).tolist():
            yield _moved(found, place, group, Side.LOWER, float(load[group]))


def _moved(found: Elastic, place: int, group: int, side: Side, needed: float) -> Step:
    """Return that a limit is moved to a load."""
    resource = found.problem.resources[place]
    now = float((resource.upper if side is Side.UPPER else resource.lower)[group])
    reps, name = whose(found, place, group)
    amount = abs(needed - now)
    by = quantity(amount, resource.unit)
    ends = f"from {amount_text(now)} to {amount_text(needed)}"
    what = subject(found, place, group).removesuffix(" is").rstrip(":")
    if found.kinds[place] is Kind.MOVE_BUDGET:
        move = "move" if amount == 1 else "moves"
        where = whence(resource.name, reps[0] if reps else name)
        text = f"allow {amount_text(amount)} more {move}{where} ({ends})"
    elif found.kinds[place] in (Kind.CONCENTRATION, Kind.RETURNING):
        text = f"let {what} {quantity(needed, resource.unit)} instead of at most {amount_text(now)}"
        text = text.replace(" gains ", " gain ")
    else:
        verb = "raise" if side is Side.UPPER else "lower"
        text = f"{verb} the limit on {what} by {by} ({ends})"
    return Step(
        code=found.kinds[place],
        rule=found.rules[place].name,
        reps=reps,
        group=name,
        amount=amount,
        now=now,
        needed=needed,
        unit=resource.unit,
        text=text,
    )


def _lifted(found: Elastic, bound: Bindings, group: int, chosen: Ints) -> Step:
    """Return that what binds a lead is lifted, as an assignment needs it."""
    binding, facts = bound.all[group], found.compiled.facts
    leads = tuple(facts.leads["lead_id"].iloc[list(binding.leads)].astype(str))
    rep = int(found.problem.rep[chosen[binding.row]])
    rep_id = str(facts.reps["rep_id"].iat[rep]) if rep >= 0 else ""
    target = binding.text.rpartition(" ")[2]
    text = {
        Kind.MUST_ASSIGN: f"leave {who(leads)} without a rep",
        Kind.PIN: f"lift the pin by which {who(leads)} {binding.text}",
        Kind.PROTECTED: f"lift the protection by which {who(leads)} stays with {target}",
    }.get(bound.kind, f"let {rep_id} work {who(leads)} against rule {bound.rule.name}")
    if bound.kind is Kind.PIN:
        text += f" (to {rep_id})" if rep_id else " (to nobody)"
    return Step(
        code=bound.kind,
        rule=bound.rule.name,
        leads=leads,
        reps=(rep_id,) if rep_id else (),
        unit="leads",
        amount=float(len(leads)),
        text=text,
    )


def _band_rule(found: Elastic, place: int) -> Fairness | None:
    """Return the rule of a band that could be wider; None where it is none, or shares are 0."""
    rule = found.rules[place]
    if not isinstance(rule, Fairness) or rule.band is None:
        return None
    total = found.compiled.settled.fair_totals[rule.label]
    return None if (rule.shares(found.compiled.facts, total) == 0).any() else rule


def _widened(
    found: Elastic,
    rule: Fairness,
    load: Floats,
    above: NDArray[np.bool_],
    below: NDArray[np.bool_],
) -> Step:
    """Return that a band reaches as far as the loads outside of it."""
    facts = found.compiled.facts
    share = rule.shares(facts, found.compiled.settled.fair_totals[rule.label])
    part = load / share
    needed = float(np.max(np.abs(part - 1), where=above | below, initial=0.0))
    # A thousandth more than needed, at most: people write bands in whole tenths of a percent.
    needed = float(np.ceil(1000 * needed - 1e-6) / 1000)
    low, high = rule.band or (1.0, 1.0)
    now = max(1 - low if below.any() else 0.0, high - 1 if above.any() else 0.0)
    reps = tuple(facts.reps["rep_id"][above | below].astype(str))
    return Step(
        code=Kind.FAIR_BAND,
        rule=rule.name,
        reps=reps,
        group=rule.label,
        amount=needed - now,
        now=now,
        needed=needed,
        unit="share",
        text=(
            f"widen the band of {rule.counted} from {share_text(round(now, 6))} to "
            f"{share_text(needed)} of the fair share"
        ),
    )
