"""What a plan keeps of the stages of `fairness` with mode max_min: as limits, and for the checker.

That the k smallest of some ratios add up to c is the same as that every k of them do. So a stage
is held by a limit for each set of k reps, of which few are ever needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.resource import NOT_COUNTED, Layer, Resource
from models.units import number_text, share_text
from planner.counted import WHAT
from planner.measures import Measure
from planner.rules.rule import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.settled import HeldSums
    from planner.case import Case
    from planner.pairs import Pairs
    from planner.rules.fairness import Fairness
    from planner.valuation import Valuation

HELD = 0.999
"""Of what a stage reached, so much is kept by all later ones (design: max_min)."""
KEPT_VALUE = "expected value kept"
"""Name of the limit on expected value."""
Labelled = tuple[Resource, tuple[str, ...]]


def held(reached: float) -> float:
    """Return what is kept of a sum that a stage reached."""
    return reached - (1 - HELD) * abs(reached)


def lifted_sentence(rule: Fairness) -> str:
    """Return a rule with mode max_min in plain English."""
    what = "number of leads" if rule.measure is Measure.COUNT else WHAT[rule.measure]
    if rule.where is not None:
        of_leads = "" if rule.measure is Measure.COUNT else " of leads"
        what += f"{of_leads} where {rule.where.sentence()}"
    told = f"The smallest {what}, as a part of the fair share, is as large as possible"
    if rule.stages > 1:
        told += f", then the sum of the 2 smallest, and so on up to {rule.stages}"
    told += f"; the fair share{rule.shared().removeprefix(', which')}"
    if rule.keep_value is not None:
        told += f"; the plan keeps {share_text(rule.keep_value)} of the expected value without this"
    return f"{told}."


def held_resources(
    rule: Fairness,
    pairs: Pairs,
    valuation: Valuation,
    total: float,
    kept: HeldSums | None,
    threads: int,
) -> Iterator[Labelled]:
    """Yield loads as parts of fair shares, the expected value and sets of reps, with their limits.

    Without anything to keep, loads and value have none.
    """
    facts = pairs.facts
    share = rule.shares(facts, total)
    if not has_shares(share):
        return
    rep_ids = tuple(facts.reps["rep_id"].astype(str))
    loads = _loads(rule, pairs, valuation, share, threads)
    least = held(kept.sums[0]) if kept is not None and kept.sums else -np.inf
    counted = ~np.isnan(share)
    yield at_least(loads, np.where(counted, least, -np.inf)), rep_ids
    if rule.keep_value is not None and kept is not None:
        value = pairs.sum_over_members(valuation.expected_value, threads)
        everything = Resource(
            name=KEPT_VALUE,
            layers=(Layer(value, np.zeros(len(value), np.int32)),),
            base=np.zeros(1),
            lower=np.full(1, rule.keep_value * kept.reference_value),
            upper=np.full(1, np.inf),
            under_cost=np.full(1, np.inf),
            over_cost=np.zeros(1),
            unit="money",
        )
        yield everything, ("all",)
    for number, reps in enumerate(kept.sets if kept is not None else ()):
        together = np.isin(rep_ids, reps)
        lower = held(kept.sums[len(reps) - 1]) if kept is not None else -np.inf
        yield _of_set(loads, pairs, f"{rule.label}, set {number + 1}", together, lower), ("all",)


def has_shares(share: NDArray[np.float64]) -> bool:
    """Return whether (n_reps,) fair shares, NaN for the exempt, are there to compare with."""
    return bool((share > 0).any())


def _loads(
    rule: Fairness,
    pairs: Pairs,
    valuation: Valuation,
    share: NDArray[np.float64],
    threads: int,
) -> Resource:
    amount = rule.amounts(pairs, valuation, threads)
    if len(amount) == pairs.num_rows:
        amount = np.repeat(amount, pairs.num_pairs)
    # Of the exempt, and of nobody, nothing counts.
    by_rep = np.append(np.where(np.isnan(share), np.inf, share), np.inf)
    group = np.where(np.isinf(by_rep[pairs.rep]), NOT_COUNTED, pairs.rep).astype(np.int32)
    base = np.where(np.isnan(share), 0.0, rule.base(pairs.facts) / by_rep[:-1])
    absent = np.zeros(len(share))
    return Resource(
        name=rule.label,
        layers=(Layer(amount / by_rep[pairs.rep], group),),
        base=base,
        lower=np.full(len(share), -np.inf),
        upper=np.full(len(share), np.inf),
        under_cost=absent,
        over_cost=absent,
    )


def at_least(loads: Resource, lower: NDArray[np.float64]) -> Resource:
    """Return a resource with hard lower limits, (n_groups,), -inf for none, and no others."""
    return Resource(
        name=loads.name,
        layers=loads.layers,
        base=loads.base,
        lower=lower,
        upper=np.full(len(lower), np.inf),
        under_cost=np.where(np.isneginf(lower), 0.0, np.inf),
        over_cost=np.zeros(len(lower)),
        unit=loads.unit,
    )


def _of_set(
    loads: Resource, pairs: Pairs, name: str, together: NDArray[np.bool_], lower: float
) -> Resource:
    """Return what some reps, (n_reps,), have together, with a lower limit."""
    (layer,) = loads.layers
    is_in = np.append(together, False)[pairs.rep]
    group = np.where(is_in, 0, NOT_COUNTED).astype(np.int32)
    base = np.array([loads.base[together].sum()])
    whole = Resource(
        name=name,
        layers=(Layer(layer.amount, group),),
        base=base,
        lower=np.full(1, -np.inf),
        upper=np.full(1, np.inf),
        under_cost=np.zeros(1),
        over_cost=np.zeros(1),
    )
    return at_least(whole, np.full(1, lower))


def kept_violations(
    rule: Fairness, case: Case, shares: dict[str, float], kept: HeldSums
) -> Iterator[Violation]:
    """Yield each sum of smallest loads, and the expected value, where it is not kept.

    Parameters
    ----------
    shares : the fair share by rep_id, summed plainly
    """
    loads = rule.plain_loads(case)
    ratios = sorted(
        (rule.plain_base(case, rep_id) + loads.get(rep_id, 0.0)) / share
        for rep_id, share in shares.items()
    )
    for number, reached in enumerate(kept.sums, 1):
        least, have = reached - 0.001 * abs(reached), sum(ratios[:number])
        if least - have > 1e-6 * max(1.0, abs(least)):
            text = (
                f"the {number} smallest loads are {have:.6g} fair shares together; "
                f"the plan keeps at least {least:.6g}"
            )
            group = f"{number} smallest loads"
            yield _below(rule, text, group, have, least)
    if rule.keep_value is not None:
        least, have = rule.keep_value * kept.reference_value, float(sum(case.expected_values))
        if least - have > 1e-6 * max(1.0, abs(least)):
            text = (
                f"the expected value is {number_text(round(have, 2))}; "
                f"the plan keeps at least {number_text(round(least, 2))}"
            )
            yield _below(rule, text, "expected value", have, least)


def _below(rule: Fairness, text: str, group: str, load: float, limit: float) -> Violation:
    """Return that something is below what must be kept."""
    return Violation(
        rule.name,
        rule.sentence(),
        text,
        amount=limit - load,
        group=group,
        load=load,
        limit=limit,
    )
