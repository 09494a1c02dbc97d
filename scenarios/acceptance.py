"""Acceptance rules: what a plan must be like to go out without anybody being asked.

A rule holds one metric of `scenarios.compare` against an amount, or against the same metric of a
base plan. Rules are data, read from a file by `scenarios.acceptance_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from models.errors import UsageError
from models.units import number_text, share_text
from scenarios.compare import METRICS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.plan import Plan, PlanRecord
    from scenarios.compare import Metric

FEASIBLE = "feasible"
MEASURED = {metric.name: metric for metric in METRICS}
MONEY, SHARE = "money", "share"
SLACK = 1e-9
"""Of an amount, or of 1 where it is smaller: what rounding may add to a sum that is met exactly."""


class Side(StrEnum):
    """On which side of an amount a metric must lie."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


class Against(StrEnum):
    """What an amount is beside the base plan's: a share of it, or how far above or below it."""

    OF = "of"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class Feasible:
    """The plan is feasible, or is not: whether the checker found every rule kept.

    Attributes
    ----------
    wanted : what it must be
    """

    wanted: bool = True

    metric: ClassVar[str] = FEASIBLE
    needs_base: ClassVar[bool] = False

    def sentence(self) -> str:
        """Return the rule in plain English."""
        return f"The plan is {'' if self.wanted else 'not '}feasible."


@dataclass(frozen=True)
class Allowed:
    """A metric lies on one side of an amount.

    Attributes
    ----------
    metric : of `scenarios.compare.METRICS`
    side, amount : where it must lie; in the metric's unit, shares as 0.02, or a share of the base's
    against : what the amount is beside the base plan's; None where it stands alone
    currency : of an amount of money; "" where the amount is none
    """

    metric: str
    side: Side
    amount: float
    against: Against | None = None
    currency: str = ""

    @property
    def needs_base(self) -> bool:
        """Whether it takes a base plan to judge."""
        return self.against is not None

    def sentence(self) -> str:
        """Return the rule in plain English."""
        metric = MEASURED[self.metric]
        told = f"{metric.title}: {self.side.replace('_', ' ')}"
        if self.against is Against.OF:
            return f"{told} {share_text(self.amount)} of the base plan's."
        told += f" {told_amount(self.amount, metric, self.currency)}"
        return f"{told}." if self.against is None else f"{told} {self.against} the base plan's."

    def limit(self, base: float) -> tuple[Side, float]:
        """Return the limit on the metric itself, and its side.

        What is at most so much below the base is at least the rest.

        Parameters
        ----------
        base : the base plan's metric; 0 where none is needed
        """
        if self.against is Against.OF:
            return self.side, self.amount * base
        if self.against is Against.BELOW:
            other = Side.AT_LEAST if self.side is Side.AT_MOST else Side.AT_MOST
            return other, base - self.amount
        return self.side, base + self.amount


Rule = Feasible | Allowed


@dataclass(frozen=True)
class Verdict:
    """What a rule says of a plan.

    Attributes
    ----------
    rule : that was asked
    passed : whether the plan keeps it
    value, allowed : the metric and the limit on it, in the metric's unit; feasible is 1, not
        feasible 0; None where there is none
    text : the rule and what was found, for people
    """

    rule: Rule
    passed: bool
    value: float | None
    allowed: float | None
    text: str


def judge(rules: Sequence[Rule], plan: Plan, base: Plan | None = None) -> tuple[Verdict, ...]:
    """Return a verdict for each rule; a plan is accepted where all have passed.

    A rule that cannot be judged, such as one on a gap that a plan does not have, has not passed.

    Parameters
    ----------
    base : the plan that rules compare with, such as the one that is in force

    Raises
    ------
    UsageError : no rule, or a rule compares with a base plan and there is none
    """
    if not rules:
        raise UsageError("there is no rule to judge the plan by; nothing accepts everything")
    lonely = [rule.sentence() for rule in rules if rule.needs_base]
    if lonely and base is None:
        raise UsageError(f"no base plan is given to compare with: {' '.join(lonely)}")
    record, beside = plan.record, None if base is None else base.record
    return tuple(
        _of_feasible(rule, record)
        if isinstance(rule, Feasible)
        else _of_metric(rule, record, beside)
        for rule in rules
    )


def _of_feasible(rule: Feasible, record: PlanRecord) -> Verdict:
    found = "it is" if record.feasible else "it is not"
    passed = record.feasible is rule.wanted
    text = f"{rule.sentence()} Here {found}."
    return Verdict(rule, passed, float(record.feasible), float(rule.wanted), text)


def _of_metric(rule: Allowed, record: PlanRecord, base: PlanRecord | None) -> Verdict:
    metric = MEASURED[rule.metric]
    value = metric.read(record)
    obstacle = _obstacle(rule, metric, record, base)
    beside = 0.0
    if rule.needs_base and base is not None:
        beside = metric.read(base) or 0.0
    if obstacle or value is None:
        return Verdict(rule, False, value, None, f"{rule.sentence()} {obstacle}")
    side, allowed = rule.limit(beside)
    slack = SLACK * max(1.0, abs(allowed))
    passed = value <= allowed + slack if side is Side.AT_MOST else value >= allowed - slack
    found, limit = (told_amount(each, metric, record.currency) for each in (value, allowed))
    if found == limit and not passed:
        found, limit = (repr(each) for each in (value, allowed))
    text = f"{rule.sentence()} Here it is {found}"
    text += f", and {side.replace('_', ' ')} {limit} is allowed." if rule.needs_base else "."
    return Verdict(rule, passed, value, allowed, text)


def _obstacle(rule: Allowed, metric: Metric, record: PlanRecord, base: PlanRecord | None) -> str:
    """Return why a rule cannot be judged; "" if it can."""
    if metric.read(record) is None:
        return "The plan has no such figure."
    if rule.currency and rule.currency != record.currency:
        return f"The rule is in {rule.currency}, but the plan is in {record.currency}."
    if base is None or not rule.needs_base:
        return ""
    beside = metric.read(base)
    if beside is None:
        return "The base plan has no such figure."
    if metric.unit == MONEY and base.currency != record.currency:
        return f"The base plan is in {base.currency}, but the plan is in {record.currency}."
    if rule.against is Against.OF and beside < 0:
        return (
            "The base plan's is below 0, so that a share of it says nothing; "
            "write the rule with `above: base` or `below: base`."
        )
    return ""


def told_amount(amount: float, metric: Metric, currency: str) -> str:
    """Return an amount of a metric for people, with its unit."""
    if metric.unit == SHARE:
        return share_text(float(f"{amount:.6g}"))
    unit = currency if metric.unit == MONEY else metric.unit
    return f"{number_text(float(f'{amount:.9g}'))} {unit}".rstrip()
