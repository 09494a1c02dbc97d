"""What a business rule is: one file, one name in the policy, one sentence, one test file.

A rule is a frozen record of its parameters. It says the same thing twice, in two separate ways:
compiled on classes of alike leads (fast), and read plainly from the tables (slow, for the checker).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict

from models.season import Season
from models.where import Where

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.period import Period
    from planner.case import Case
    from planner.facts import Facts


def _columns(value: Any) -> Any:
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list) and len(set(map(str, names))) < len(names):
        raise ValueError("names a column twice")
    return names


Columns = Annotated[tuple[str, ...], BeforeValidator(_columns)]
"""Names of columns, written as a list; a single one may stand alone."""
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
    FAIRNESS = "fairness"
    CONCENTRATION = "concentration"
    RETURNING = "returning"
    SWITCHING_COST = "continuity.switching_cost"
    AT_MOST_MOVES = "continuity.at_most_moves"
    PROTECT = "continuity.protect"
    UNASSIGNED = "unassigned"
    FAMILIES = "families"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column that a rule reads.

    Attributes
    ----------
    table, column : which
    parameter : the rule's parameter that names it, dotted if nested; "" if it is always read
    numeric, text : whether it must hold numbers, or text
    optional : whether the rule makes sense in a table without it
    """

    table: str
    column: str
    parameter: str = ""
    numeric: bool = False
    text: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that a rule has.

    Attributes
    ----------
    table : what it filters
    parameter : the rule's parameter that it is, dotted if nested
    where : the filter
    """

    table: str
    parameter: str
    where: Where

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns that it reads."""
        for column in self.where.columns:
            yield ColumnUse(self.table, column, f"{self.parameter}.{column}")


def filters_of(table: str, parameter: str, where: Where | None) -> Iterator[Filter]:
    """Yield a filter, where there is one."""
    if where is not None:
        yield Filter(table, parameter, where)


def presence_columns() -> Iterator[ColumnUse]:
    """Yield the columns that tell which share of the period's working time a rep is there."""
    for table, columns in (
        ("reps", ("working_hours", "timezone")),
        ("absences", ("rep_id", "starts", "ends")),
    ):
        yield from (ColumnUse(table, column, optional=True) for column in columns)


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
    group : what is counted for whom, where that is no lead or rep only: a team, a region, a class
    load, limit : of a sum, in the rule's unit; None where nothing is summed
    """

    rule: str
    sentence: str
    text: str
    lead_id: str = ""
    rep_id: str = ""
    amount: float = 1.0
    group: str = ""
    load: float | None = None
    limit: float | None = None


@dataclass(frozen=True, eq=False)
class Mask:
    """Which reps a rule allows to which leads, by class of alike leads.

    Attributes
    ----------
    key : (n_leads,) int64, the class of each lead under this rule
    allowed : (n_keys, n_reps) bool
    empty : (n_leads,) bool, the leads that pass because their cell is empty; None for no cell
    """

    key: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    empty: NDArray[np.bool_] | None = None

    @property
    def passed_empty(self) -> int:
        """How many leads pass because their cell is empty."""
        return 0 if self.empty is None else int(self.empty.sum())


class Rule(BaseModel):
    """Base of every rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    section: ClassVar[Section]
    combines: ClassVar[str] = ""
    """What kind of criterion it is (need, value, load); a policy should combine several."""

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads, but for those of its filters."""
        yield from ()

    def filters(self) -> Iterator[Filter]:
        """Yield the filters of the rule."""
        yield from ()

    def faults(self, facts: Facts) -> Iterator[tuple[str, str]]:
        """Yield (parameter, fault) for parameters that do not fit the tables."""
        yield from ()

    @abstractmethod
    def sentence(self) -> str:
        """Return the rule in plain English."""

    def told(self) -> str:
        """Return the sentence, with all that limits it."""
        return self.sentence()

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield every breach of the rule, read plainly from the tables."""
        yield from ()


class SeasonalRule(Rule):
    """A rule that may hold only for a season (R38, R43).

    Attributes
    ----------
    during : the season; always if not given
    """

    during: Season | None = None

    def told(self) -> str:
        """Return the sentence, with its season."""
        sentence = self.sentence()
        return sentence if self.during is None else f"{self.during.sentence()} {sentence}"

    def is_in_force(self, period: Period, zone: str) -> bool:
        """Return whether the rule holds for a period."""
        return self.during is None or self.during.holds(period.starts, zone)


class MustRule(SeasonalRule):
    """A rule that every (lead, rep) pair must pass.

    Attributes
    ----------
    where : the leads it applies to; all if not given
    """

    section: ClassVar[Section] = Section.MUST
    combines: ClassVar[str] = "need"

    where: Where | None = None

    def filters(self) -> Iterator[Filter]:
        """Yield the filter of leads, if there is one."""
        yield from filters_of("leads", "where", self.where)

    @abstractmethod
    def mask(self, facts: Facts) -> Mask:
        """Return which reps are allowed, were the rule to apply to every lead."""

    @abstractmethod
    def forbids(self, case: Case) -> Iterator[tuple[int, str]]:
        """Yield (position of the pair, why) where it forbids, were it to apply to all leads."""

    def compiled(self, facts: Facts) -> Mask:
        """Return which reps are allowed, the filter heeded."""
        mask = self.mask(facts)
        if self.where is None:
            return mask
        applies = self.where.mask(facts.leads, facts.zone)
        key = np.where(applies, mask.key, len(mask.allowed))
        allowed = np.vstack([mask.allowed, np.ones((1, facts.num_reps), bool)])
        return Mask(key, allowed, None if mask.empty is None else mask.empty & applies)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each assigned pair that the rule forbids."""
        sentence, applies = self.sentence(), case.satisfying(self.where)
        for at, why in self.forbids(case):
            if applies[at]:
                yield Violation(self.name, sentence, why, case.lead_ids[at], case.rep_ids[at])

    def with_filter(self, sentence: str) -> str:
        """Return a sentence with the filter's words before it."""
        if self.where is None:
            return sentence
        return f"Where {self.where.sentence()}, {sentence[0].lower()}{sentence[1:]}"


class PreferRule(SeasonalRule):
    """A rule that multiplies the score of a pair, not its expected value."""

    section: ClassVar[Section] = Section.PREFER
    combines: ClassVar[str] = "value"

    @abstractmethod
    def factor(self, facts: Facts) -> Factor:
        """Return the multiplier of pairs, compiled."""

    def factors_of_one(self, facts: Facts, cells: Mapping[str, Any]) -> NDArray[np.float64] | None:
        """Return (n_reps,) the multipliers of one lead, given by its cells, with all reps.

        None where tables are as quick: only rules need it whose columns hardly repeat.
        """
        del facts, cells
        return None

    @abstractmethod
    def plain_factor(self, case: Case) -> NDArray[np.float64]:
        """Return (n_pairs,) the multiplier of the case's pairs, read plainly from the tables."""
