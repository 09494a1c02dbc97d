"""The axis of fairness: how far a book may lie from its fair share."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from models.errors import UsageError
from models.nearest import nearest_advice
from models.units import share_text
from planner.measures import Measure
from planner.rules.fairness import Mode
from scenarios.frontier.axis import Axis
from scenarios.what_if.policy_changes import LAST, SetPolicy
from scenarios.what_if.scenario import Scenario

if TYPE_CHECKING:
    from models.plan import PlanRecord
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from planner.rules.fairness import Fairness

SECTION = "fairness"
OF_THE_BAND = ("within", "at_least", "at_most", "mode", "cost", "stages", "keep_value")
"""Keys of the rule that say how far the band reaches and how it holds."""
FREE = {"at_least": "0%", "mode": str(Mode.HARD)}
"""A band that every load lies in; the rule stays, so that its fair shares are known."""


@dataclass(frozen=True)
class FairnessAxis(Axis):
    """The band of one rule of fairness, made hard; its unit is shares of the fair share.

    Attributes
    ----------
    number : the rule's place in the policy
    label : what its fair total is called; counted, measure : what is shared fairly
    rule : the rule as the policy has it, without its band
    """

    name: ClassVar[str] = "fairness"
    step: ClassVar[float] = 1e-4
    each: ClassVar[str] = "each percentage point"
    per: ClassVar[float] = 0.01

    number: int
    label: str
    counted: str
    measure: Measure
    rule: dict[str, Any]

    @property
    def balanced(self) -> Measure:
        """The rule's own measure."""
        return self.measure

    def changes(self, epsilon: float | None) -> tuple[SetPolicy, ...]:
        """Return what makes the band so wide."""
        band = FREE
        if epsilon is not None:
            band = {"within": f"{100 * epsilon:.2f}%", "mode": str(Mode.HARD)}
        return (SetPolicy(path=f"{SECTION}.{self.number}", value={**self.rule, **band}),)

    def title(self, epsilon: float | None) -> str:
        """Return the name of the plan under that band."""
        if epsilon is None:
            return f"any {self.counted}"
        return f"{self.counted} within {100 * epsilon:.6g}%"

    def told(self, epsilon: float) -> str:
        """Return a band in words."""
        return f"a band of {share_text(epsilon)}"

    def used(self, record: PlanRecord, widest: float | None) -> float:
        """Return how far the book is from its fair share that is farthest."""
        del record
        return widest or 0.0


def fairness_axis(
    snapshot: Snapshot, policy: Policy, measure: str | None = None, share_by: str | None = None
) -> tuple[Snapshot, Policy, FairnessAxis]:
    """Return the axis, and the tables and the policy with the rule, if need be a new one.

    Parameters
    ----------
    measure : of the rule that is meant; needed where the policy has several, or none
    share_by : what fair shares go by where the policy has no rule on the measure: "head", or a
        column of reps

    Raises
    ------
    UsageError : it does not tell which rule is meant, or there is none
    PolicyError : the new rule does not fit the tables
    """
    if measure is not None and measure not in set(Measure):
        known = [str(each) for each in Measure]
        advice = nearest_advice(measure, known)
        raise UsageError(
            f"there is no measure {measure!r}. {advice} Known are {', '.join(known)}".replace(
                "  ", " "
            )
        )
    in_force = policy.in_force(snapshot).fairness
    rules = [
        number
        for number, rule in enumerate(policy.fairness)
        if any(rule is each for each in in_force) and measure in (None, rule.measure)
    ]
    if not rules:
        if measure is None or share_by is None:
            what = "rule of fairness" if measure is None else f"rule of fairness on {measure}"
            raise UsageError(
                f"the policy has no {what} in force; say what is to be shared fairly with "
                "--measure and --share-by, such as --measure effort_hours --share-by head"
            )
        return _opened(snapshot, policy, {"measure": measure, "share_by": share_by})
    if len(rules) > 1:
        told = ", ".join(policy.fairness[number].counted for number in rules)
        raise UsageError(
            f"the policy has {len(rules)} rules of fairness, on {told}; "
            "choose one with --measure, or keep one of a measure"
        )
    (number,) = rules
    rule = policy.fairness[number]
    if share_by is not None and share_by != rule.share_by:
        raise UsageError(
            f"the policy's rule of fairness on {rule.counted} has its own share_by, "
            f"{rule.share_by}; leave --share-by out, or change the policy"
        )
    return snapshot, policy, _axis(policy, number, rule)


def _opened(
    snapshot: Snapshot, policy: Policy, rule: dict[str, Any]
) -> tuple[Snapshot, Policy, FairnessAxis]:
    """Return tables, policy and axis with one more rule, whose band is free."""
    new = {**rule, **FREE}
    has_some = bool(policy.document.data.get(SECTION))
    added = SetPolicy(
        path=f"{SECTION}.{LAST}" if has_some else SECTION, value=new if has_some else [new]
    )
    opened = Scenario("with a fair share", (added,), source=policy.document.source)
    snapshot, policy = opened.applied(snapshot, policy)
    policy.check(snapshot)
    number = len(policy.fairness) - 1
    return snapshot, policy, _axis(policy, number, policy.fairness[number])


def _axis(policy: Policy, number: int, rule: Fairness) -> FairnessAxis:
    written = policy.document.data[SECTION][number]
    kept = {key: deepcopy(value) for key, value in written.items() if key not in OF_THE_BAND}
    return FairnessAxis(number, rule.label, rule.counted, rule.measure, kept)
