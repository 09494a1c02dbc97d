"""`at_most_moves`: how many owned leads may change hands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from models.lists import split_path
from models.resource import NOT_COUNTED, Layer, Resource
from models.units import number_text
from planner.rules.rule import ColumnUse, Rule, Section, Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from planner.case import Case
    from planner.facts import Facts
    from planner.ownership import Ownership
    from planner.pairs import Pairs

Budget = Annotated[int, Field(strict=True, ge=0)]
"""A number of leads."""
TOTAL, LOSING, GAINING, REGION = "total", "per_losing_rep", "per_gaining_rep", "per_region"
KINDS = {
    TOTAL: "moves",
    LOSING: "moves by losing rep",
    GAINING: "moves by gaining rep",
    REGION: "moves by region",
}
"""The keys of the rule, and the names of their resources."""


def _written_as_number(value: Any) -> Any:
    return value if isinstance(value, dict) else {"at_most": value}


class RegionBudget(BaseModel):
    """How many leads of a region may move.

    Attributes
    ----------
    at_most : leads
    depth : how many levels of the region's path tell regions apart; all if not given
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_most: Budget
    depth: Annotated[int, Field(strict=True, ge=1)] | None = None

    def name(self, region: str) -> str:
        """Return the region that counts, such as US/West for US/West/CA at depth 2."""
        return "/".join(split_path(region)[: self.depth])


class Books(NamedTuple):
    """For each row one of the books that its leads are in, and how many are.

    Attributes
    ----------
    owner, part : (n_rows,) int64; -1 where the row has no such book
    leads : (n_rows,) float64
    """

    owner: NDArray[np.int64]
    part: NDArray[np.int64]
    leads: NDArray[np.float64]


class AtMostMoves(Rule):
    """The number of owned leads that leave their owner is limited (R40, R41).

    A lead that nobody gets has left its owner, too. A lead whose owner has left, fails a rule or is
    barred by a pin is not counted.

    Attributes
    ----------
    total : in the whole plan
    per_losing_rep, per_gaining_rep : from any one rep, and to any one
    per_region : in any one region; a number, or `{at_most, depth}`; leads without region are free
    """

    name: ClassVar[str] = "at_most_moves"
    section: ClassVar[Section] = Section.AT_MOST_MOVES
    combines: ClassVar[str] = "continuity"

    total: Budget | None = None
    per_losing_rep: Budget | None = None
    per_gaining_rep: Budget | None = None
    per_region: Annotated[RegionBudget, BeforeValidator(_written_as_number)] | None = None

    @model_validator(mode="after")
    def _limits_something(self) -> AtMostMoves:
        if not self.model_fields_set:
            raise ValueError(f"needs at least one of {', '.join(KINDS)}")
        return self

    def columns(self) -> Iterator[ColumnUse]:
        """Yield the columns the rule reads."""
        yield ColumnUse("leads", "owner")
        if self.per_region is not None:
            yield ColumnUse("leads", "region", REGION)

    def sentence(self) -> str:
        """Return the rule in plain English."""
        depth = self.per_region.depth if self.per_region else None
        parts = {
            TOTAL: "",
            LOSING: " from any one rep",
            GAINING: " to any one rep",
            REGION: " in any one region" + (f" (to depth {depth} of its path)" if depth else ""),
        }
        limits = [f"{number_text(most)}{parts[kind]}" for kind, most in self._budgets()]
        return (
            f"At most {', '.join(limits)} of the owned leads change hands; "
            "those that their owner may not keep do not count."
        )

    def resources(
        self, pairs: Pairs, ownership: Ownership
    ) -> Iterator[tuple[Resource, tuple[str, ...]]]:
        """Yield a resource for each budget, and what its groups are called."""
        facts = pairs.facts
        rep_ids = tuple(facts.reps["rep_id"].astype(str))
        for kind, most in self._budgets():
            part, regions = self._regions(facts)
            labels = {TOTAL: ("all",), REGION: regions}.get(kind, rep_ids)
            layers = [
                Layer(books.leads, _groups(kind, books, pairs))
                for books in _books(pairs, ownership, part if kind == REGION else None)
            ]
            none = np.zeros(len(labels))
            yield (
                Resource(
                    name=KINDS[kind],
                    layers=tuple(layers),
                    base=none,
                    lower=np.full(len(labels), -np.inf),
                    upper=np.full(len(labels), float(most)),
                    under_cost=none,
                    over_cost=np.full(len(labels), np.inf),
                    unit="leads",
                ),
                labels,
            )

    def _budgets(self) -> Iterator[tuple[str, int]]:
        """Yield each kind that is limited, and its limit."""
        for kind in (TOTAL, LOSING, GAINING):
            if (most := getattr(self, kind)) is not None:
                yield kind, most
        if self.per_region is not None:
            yield REGION, self.per_region.at_most

    def _regions(self, facts: Facts) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """Return (n_leads,) the number of each lead's region, -1 for none, and their names."""
        if self.per_region is None:
            return np.zeros(facts.num_leads, np.int64), ()
        region = facts.leads["region"]
        names = {path: self.per_region.name(path) for path in region.dropna().unique()}
        known = sorted(set(names.values()))
        number = pd.Index(known).get_indexer(pd.Index(region.map(names)))
        return number.astype(np.int64), tuple(known)

    def violations(self, case: Case) -> Iterator[Violation]:
        """Yield each budget that is exceeded, counted plainly lead by lead."""
        losing, gaining, by_region = Counter[str](), Counter[str](), Counter[str]()
        regions = dict(zip(case.of_leads("lead_id"), case.of_leads("region"), strict=True))
        for lead_id, owner in case.owner_of.items():
            rep_id = case.rep_of.get(lead_id)
            if rep_id == owner or lead_id not in case.may_keep:
                continue
            losing[owner] += 1
            if rep_id is not None:
                gaining[rep_id] += 1
            if self.per_region is not None and regions[lead_id] is not None:
                by_region[self.per_region.name(regions[lead_id])] += 1
        counts = {
            TOTAL: {"": losing.total()}, LOSING: losing, GAINING: gaining, REGION: by_region,
        }  # fmt: skip
        for kind, most in self._budgets():
            for group, count in counts[kind].items():
                if count > most:
                    where = {LOSING: f" from {group}", GAINING: f" to {group}"}.get(kind, "")
                    where = f" in {group}" if kind == REGION else where
                    text = f"{count:,} owned leads change hands{where}; the limit is {most:,}"
                    rep_id = group if kind in (LOSING, GAINING) else ""
                    amount = float(count - most)
                    yield Violation(
                        self.name,
                        self.sentence(),
                        text,
                        rep_id=rep_id,
                        amount=amount,
                        group=f"{KINDS[kind]} {group}".rstrip(),
                        load=float(count),
                        limit=float(most),
                    )


def _books(pairs: Pairs, ownership: Ownership, part: NDArray[np.int64] | None) -> Iterator[Books]:
    """Yield the books of all rows' leads that may stay where they are: first the first ones, ...

    Parameters
    ----------
    part : (n_leads,) int64 that tells leads of one book apart; -1 where a lead does not count
    """
    counted = ownership.may_keep if part is None else ownership.may_keep & (part >= 0)
    lead = np.flatnonzero(counted)
    parts = np.zeros(len(lead), np.int64) if part is None else part[lead]
    num_owners, num_parts = pairs.facts.num_reps, int(parts.max(initial=0)) + 1
    code = (pairs.row_of_lead[lead] * num_owners + ownership.owner[lead]) * num_parts + parts
    code, count = np.unique(code, return_counts=True)
    row = code // (num_owners * num_parts)
    rank = np.arange(len(row)) - np.searchsorted(row, row)
    for number in range(int(rank.max(initial=-1)) + 1):
        at = rank == number
        size = pairs.num_rows
        books = Books(np.full(size, -1), np.full(size, -1), np.zeros(size))
        books.owner[row[at]] = code[at] // num_parts % num_owners
        books.part[row[at]] = code[at] % num_parts
        books.leads[row[at]] = count[at]
        yield books


def _groups(kind: str, books: Books, pairs: Pairs) -> NDArray[np.int32]:
    """Return (n_pairs,) the group in which the moves of a book count, pair by pair."""
    owner = np.repeat(books.owner.astype(np.int32), pairs.num_pairs)
    moves = (owner >= 0) & (owner != pairs.rep)
    group = {
        TOTAL: np.zeros(1, np.int32),
        LOSING: owner,
        # Nobody is no rep that gains.
        GAINING: pairs.rep,
        REGION: np.repeat(books.part.astype(np.int32), pairs.num_pairs),
    }[kind]
    return np.where(moves, group, np.int32(NOT_COUNTED)).astype(np.int32)
