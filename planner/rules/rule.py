"""What a business rule is: one file, one name in the policy, one sentence, one test file.

A rule is a frozen record of its parameters. It says the same thing twice, in two separate ways:
compiled on classes of alike leads (fast), and read plainly from the tables (slow, for the checker).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.where import Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts

Floats = np.ndarray
Factor = Callable[["NDArray[np.int64]", "NDArray[np.int64]"], "NDArray[np.float64]"]
"""(lead positions, rep positions) of pairs -> one number per pair."""


class Section(StrEnum):
    """Where in a policy a rule stands."""

    ALWAYS = "always"
    MUST = "must"
    PREFER = "value.prefer"
    AMOUNT = "value.amount"
    WIN_PROBABILITY = "value.win_probability"
    CAPACITY = "capacity"
    UNASSIGNED = "unassigned"
    FAMILIES = "families"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column that a rule reads.

    Attributes
    ----------
    table, column : which
    parameter : the rule's parameter that names it, "" if the rule always reads it
    numeric : whether it must hold numbers
    optional : whether the rule makes sense in a table without it
    """

    table: str
    column: str
    parameter: str = ""
    numeric: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule.

    Attributes
    ----------
    rule : name of the rule
    sentence : the rule in words
    text : what broke it: which record, what was found
    lead_id, rep_id : whom it concerns; "" where it concerns none
    amount : by how much, in the rule's unit; 1 for a pair that is not allowed
    """

    rule: str
    sentence: str
    text: str
    lead_id: str = ""
    rep_id: str = ""
    amount: float = 1.0


@dataclass(frozen=True, eq=False)
class Mask:
    """Which reps a rule allows to which leads, by class of alike leads.

    Attributes
    ----------
    key : (n_leads,) int64, the class of each lead under this rule
    allowed : (n_keys, n_reps) bool
    passed_empty : how many leads passed because their cell is empty
    """

    key: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    passed_empty: int = 0


class Rule(BaseModel):
    """Base of every rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    section: ClassVar[Section]
    combines: ClassVar[str] = ""
    """What kind of criterion it is (need, value, load); a policy should combine several."""

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield from ()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        """Yield (parameter, fault) for parameters that do not fit the tables."""
        yield from ()

    @abstractmethod
    def sentence(self) -> str:
        """Return the rule in plain English."""

    def violations(self, case: Case) -> Iterator[Violation]:  # noqa: ARG002
        """Yield every breach of the rule, read plainly from the tables."""
        yield from ()


class MustRule(Rule):
    """A rule that every (lead, rep) pair must pass.

    Attributes
    ----------
    where : the leads it applies to; all if not given
    """

    section: ClassVar[Section] = Section.MUST
    combines: ClassVar[str] = "need"

    where: Where | None = None

    @abstractmethod
    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, were the rule to apply to every lead."""

    @abstractmethod
    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield (position in case.pairs, why) of the pairs forbidden, were it to apply to all."""

    def compiled(self, facts: Facts) -> Mask:
        """Return which reps are allowed, the filter heeded."""
        mask = self.mask(facts)
        if self.where is None:
            return mask
        exempt = ~self.where.mask(facts.leads, facts.zone)
        key = np.where(exempt, len(mask.allowed), mask.key)
        allowed = np.vstack([mask.allowed, np.ones((1, facts.num_reps), bool)])
        return Mask(key, allowed, mask.passed_empty)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each assigned pair that the rule forbids."""
        for position, why in self.forbids(case):
            lead_id, rep_id = case.pair_ids(position)
            if self.where is None or case.lead_holds(position, self.where):
                yield Violation(self.name, self.sentence(), why, lead_id, rep_id)

    def with_filter(self, sentence: str) -> str:
        """Return a sentence with the filter's words."""
        return sentence if self.where is None else f"{sentence[:-1]}, where {self.where.sentence()}."


class PreferRule(Rule):
    """A rule that multiplies the score of a pair, not its expected value."""

    section: ClassVar[Section] = Section.PREFER
    combines: ClassVar[str] = "value"

    @abstractmethod
    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, compiled."""

    @abstractmethod
    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) the multiplier of the case's pairs, read plainly from the tables."""
