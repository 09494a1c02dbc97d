"""What a lead brings with a rep, taken apart into the rules that make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.explanation import ValuePart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.arrays import Ints
    from planner.compile import Compiled


def value_parts(compiled: Compiled, leads: Ints, rep: int) -> Iterator[ValuePart]:
    """Yield what each rule adds to the score of some leads with a rep, given by position.

    A preference multiplies what those before it made: its part is what it adds to that.
    """
    reps = np.full(len(leads), rep)
    policy, valuation = compiled.policy, compiled.valuation
    value = valuation.expected_value(leads, reps)
    text = f"{policy.amount.sentence()} {policy.win_probability.sentence()}"
    yield ValuePart(code="expected_value", text=text, money=float(value.sum()))
    for rule, factor in zip(policy.prefer, valuation.preferences(leads, reps), strict=True):
        added = value * (factor - 1.0)
        value = value + added
        if added.any():
            yield ValuePart(code=rule.name, text=rule.told(), money=float(added.sum()))
    cost = valuation.switching_cost(leads, reps)
    if policy.switching_cost is not None and cost.any():
        rule_text = policy.switching_cost.told()
        yield ValuePart(code="switching_cost", text=rule_text, money=-float(cost.sum()))
