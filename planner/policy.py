"""A policy: the company's rules as one file, parsed, checked, and told in plain English."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from models.columns import TABLES
from models.errors import PolicyError
from models.files.yaml_reader import YamlDocument, parse_yaml, read_yaml
from models.issues import shown
from models.nearest import nearest
from planner.facts import Facts, numbers
from planner.policy_parser import PolicyParser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.files.yaml_reader import Location
    from models.period import Period, PeriodRule
    from models.snapshot import Snapshot
    from planner.counted import CountedRule
    from planner.rules.amount import Amount
    from planner.rules.at_most_moves import AtMostMoves
    from planner.rules.capacity import Capacity
    from planner.rules.concentration import Concentration
    from planner.rules.fairness import Fairness
    from planner.rules.families import Families
    from planner.rules.protect import Protect
    from planner.rules.returning import Returning
    from planner.rules.rule import ColumnUse, MustRule, PreferRule, Rule, SeasonalRule
    from planner.rules.switching_cost import SwitchingCost
    from planner.rules.unassigned import Unassigned
    from planner.rules.win_probability import WinProbability

Seasonal = TypeVar("Seasonal", bound="SeasonalRule")
Labelled = TypeVar("Labelled", bound="CountedRule")


@dataclass(frozen=True, eq=False)
class Policy:
    """The rules of a company.

    Attributes
    ----------
    name, currency : as written
    period : what a plan is for
    must, prefer, capacity, fairness, concentration : the rules of these sections, in the order
        written
    returning : the rule of that section; None if not written
    amount, win_probability, unassigned, families : the rules of these sections
    switching_cost, at_most_moves, protect : those of `continuity`; None, or none, if not written
    always : rules that every policy has
    document : the file, with lines
    locations : where in the file each rule stands
    """

    name: str
    currency: str
    period: PeriodRule
    families: Families
    must: tuple[MustRule, ...]
    amount: Amount
    win_probability: WinProbability
    prefer: tuple[PreferRule, ...]
    capacity: tuple[Capacity, ...]
    fairness: tuple[Fairness, ...]
    concentration: tuple[Concentration, ...]
    returning: Returning | None
    switching_cost: SwitchingCost | None
    at_most_moves: AtMostMoves | None
    protect: tuple[Protect, ...]
    unassigned: Unassigned
    always: tuple[MustRule, ...]
    document: YamlDocument
    locations: Mapping[int, Location]

    @property
    def content_hash(self) -> str:
        """SHA-256 of the text, word for word: what plans tell of the policy they were made with."""
        return hashlib.sha256(self.document.text.encode()).hexdigest()

    def rules(self) -> Iterator[Rule]:
        """Yield every rule, in the order in which they are told."""
        yield from self.must
        yield from self.always
        yield self.families
        yield self.amount
        yield self.win_probability
        yield from self.prefer
        yield from self.capacity
        yield from self.fairness
        yield from self.concentration
        yield from filter(None, (self.returning, self.switching_cost, self.at_most_moves))
        yield from self.protect
        yield self.unassigned

    def eligibility(self) -> tuple[MustRule, ...]:
        """Return every rule that can forbid a pair."""
        return (*self.must, *self.always)

    def describe(self) -> list[str]:
        """Return the policy as English sentences, one per rule (R50, R52)."""
        return [self.period.sentence(), *(rule.told() for rule in self.rules())]

    def in_force(self, snapshot: Snapshot) -> Policy:
        """Return the policy without the rules that are out of season in a snapshot's period.

        A limit or a fair share that is in season stands in for the one of the same measure and
        filter that has none.
        """
        period, zone = self.resolve_period(snapshot), snapshot.header.timezone

        def current(rules: tuple[Seasonal, ...]) -> tuple[Seasonal, ...]:
            return tuple(rule for rule in rules if rule.is_in_force(period, zone))

        def latest(rules: tuple[Labelled, ...]) -> tuple[Labelled, ...]:
            known = current(rules)
            in_season = {rule.label for rule in known if rule.during is not None}
            return tuple(
                rule for rule in known if rule.during is not None or rule.label not in in_season
            )

        return replace(
            self,
            must=current(self.must),
            prefer=current(self.prefer),
            capacity=latest(self.capacity),
            fairness=latest(self.fairness),
            concentration=latest(self.concentration),
            protect=current(self.protect),
        )

    def columns(self) -> dict[str, set[str]]:
        """Return the columns that the rules read, per table."""
        used: dict[str, set[str]] = {table: set() for table in TABLES}
        for rule in self.rules():
            for use in columns_read(rule):
                used[use.table].add(use.column)
        return used

    def resolve_period(self, snapshot: Snapshot) -> Period:
        """Return the period of a plan made from a snapshot."""
        return self.period.resolve(snapshot.as_of, snapshot.header.timezone)

    def facts(self, snapshot: Snapshot) -> Facts:
        """Return a snapshot as the rules compile it."""
        return Facts(snapshot, self.resolve_period(snapshot), self.families)

    def check(self, snapshot: Snapshot, facts: Facts | None = None) -> None:
        """Raise PolicyError with every fault, unless the policy fits the snapshot.

        Parameters
        ----------
        facts : of the same snapshot and this policy's period, if they are at hand
        """
        facts = facts or self.facts(snapshot)
        faults = list(self._faults(snapshot, facts))
        if faults:
            raise PolicyError(self.document.source, faults)

    def _faults(self, snapshot: Snapshot, facts: Facts) -> Iterator[str]:
        if self.currency != snapshot.header.currency:
            yield (
                f"line {self.document.line(('currency',))}: currency is {self.currency}, but the "
                f"tables are in {snapshot.header.currency}; convert one of them"
            )
        for rule in self.rules():
            faults = list(self._column_faults(rule, snapshot))
            # Faults of values are looked for where all columns can be read.
            for parameter, fault in faults or self._value_faults(rule, facts):
                location = (*self.locations.get(id(rule), ()), *parameter.split("."))
                yield f"line {self.document.line(location)}: {rule.name}: {fault}"

    def _column_faults(self, rule: Rule, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        absent = set()
        for use in columns_read(rule):
            frame = snapshot.tables[use.table]
            present = snapshot.present.get(use.table)
            if present is None:
                if not use.optional and use.table not in absent:
                    yield use.parameter, f"there is no table {use.table}, which the rule reads"
                absent.add(use.table)
            elif use.column not in present:
                if not use.optional:
                    near = use.parameter and nearest(use.column, sorted(present))
                    advice = f"the nearest is {near!r}" if near else "add it, or leave the rule out"
                    fault = f"table {use.table} has no column {use.column!r}; {advice}"
                    yield use.parameter, fault
            elif use.column not in frame:
                yield (
                    use.parameter,
                    (
                        f"column {use.column!r} of {use.table} was not kept; "
                        "name it under `keep:` in snapshot.yaml"
                    ),
                )
            elif fault := _type_fault(use, frame[use.column]):
                yield use.parameter, f"column {use.column!r} of {use.table} {fault}"

    def _value_faults(self, rule: Rule, facts: Facts) -> Iterator[tuple[str, str]]:
        # Cells that a filter cannot read would stop what looks for other faults.
        yield from list(_filter_faults(rule, facts.snapshot)) or rule.faults(facts)


def _filter_faults(rule: Rule, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for part in rule.filters():
        for column, fault in part.where.faults(snapshot.tables[part.table]):
            yield f"{part.parameter}.{column}", f"{part.parameter} {column}: {fault}"


def columns_read(rule: Rule) -> Iterator[ColumnUse]:
    """Yield the columns that a rule and its filter read."""
    yield from rule.columns()
    for part in rule.filters():
        yield from part.columns()


def _type_fault(use: ColumnUse, cells: pd.Series) -> str:
    """Return what is wrong with the type of a column; "" if nothing is."""
    is_text = isinstance(cells.dtype, pd.StringDtype)
    if use.text and not is_text:
        return "does not hold text"
    if not use.numeric:
        return ""
    if cells.dtype.kind == "M":
        return "holds dates, not numbers"
    wrong = cells[cells.notna() & ~np.isfinite(numbers(cells))]
    return f"holds {shown(wrong.iat[0])}, which is not a number" if len(wrong) else ""


def read_policy(path: Path) -> Policy:
    """Return the policy of a file.

    Raises
    ------
    PolicyError : with every fault, each with its line, reason and the nearest valid name
    """
    return parse_policy(read_yaml(path))


def policy_from_text(text: str, source: str = "policy") -> Policy:
    """Return the policy of YAML text; raises PolicyError as `read_policy` does."""
    return parse_policy(parse_yaml(text, source))


def parse_policy(document: YamlDocument) -> Policy:
    """Return the policy of a YAML document; raises PolicyError as `read_policy` does."""
    parser = PolicyParser(document)
    parts = parser.parts()
    if parser.faults:
        raise PolicyError(document.source, parser.faults)
    return Policy(**parts, document=document, locations=parser.locations)
