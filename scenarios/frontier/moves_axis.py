"""The axis of moves: how many owned leads may change hands in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from planner.measures import Measure
from planner.rules.at_most_moves import TOTAL
from scenarios.frontier.axis import Axis
from scenarios.what_if.policy_changes import SetPolicy

if TYPE_CHECKING:
    from models.plan import PlanRecord
    from planner.policy import Policy

SECTION, RULE = "continuity", "at_most_moves"


@dataclass(frozen=True)
class MovesAxis(Axis):
    """`continuity.at_most_moves.total`; its unit is leads.

    A lead whose owner may not keep it does not count, as in the rule.

    Attributes
    ----------
    has_section, has_rule : whether the policy has a part to write the limit in
    keys : the limits that its rule has
    """

    name: ClassVar[str] = "moves"
    step: ClassVar[float] = 1.0
    each: ClassVar[str] = "each move"
    per: ClassVar[float] = 1.0

    has_section: bool
    has_rule: bool
    keys: frozenset[str]

    @property
    def balanced(self) -> Measure:
        """Expected value."""
        return Measure.EXPECTED_VALUE

    @classmethod
    def of(cls, policy: Policy) -> MovesAxis:
        """Return the axis of a policy."""
        section: dict[str, Any] = policy.document.data.get(SECTION) or {}
        rule: dict[str, Any] = section.get(RULE) or {}
        return cls(bool(section), bool(rule), frozenset(rule))

    def changes(self, epsilon: float | None) -> tuple[SetPolicy, ...]:
        """Return what makes the limit so wide; other limits on moves stay."""
        if epsilon is None:
            if TOTAL not in self.keys:
                return ()
            alone = self.keys == {TOTAL}
            return (SetPolicy(path=f"{SECTION}.{RULE}" + ("" if alone else f".{TOTAL}")),)
        if not self.has_section:
            return (SetPolicy(path=SECTION, value={RULE: {TOTAL: int(epsilon)}}),)
        if not self.has_rule:
            return (SetPolicy(path=f"{SECTION}.{RULE}", value={TOTAL: int(epsilon)}),)
        return (SetPolicy(path=f"{SECTION}.{RULE}.{TOTAL}", value=int(epsilon)),)

    def title(self, epsilon: float | None) -> str:
        """Return the name of the plan under that limit."""
        return "any moves" if epsilon is None else f"moves at most {epsilon:.0f}"

    def told(self, epsilon: float) -> str:
        """Return a limit in words."""
        return f"{epsilon:,.0f} move{'' if epsilon == 1 else 's'}"

    def used(self, record: PlanRecord, widest: float | None) -> float:
        """Return how many leads move, of those that count."""
        del widest
        return float(record.kpis.moves - record.kpis.forced_moves)
