"""A policy: the company's rules as one file, parsed, checked, and told in plain English."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.columns import TABLES
from models.errors import PolicyError
from models.files.yaml_reader import Location, YamlDocument, parse_yaml, read_yaml
from models.issues import shown
from models.period import PeriodRule
from planner.facts import Facts
from planner.rules import RULES, rules_of
from planner.rules.amount import Amount
from planner.rules.capacity import Capacity
from planner.rules.families import Families
from planner.rules.rule import ColumnUse, MustRule, PreferRule, Rule, Section
from planner.rules.unassigned import Unassigned
from planner.rules.win_probability import WinProbability

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from models.period import Period
    from models.snapshot import Snapshot

Record = TypeVar("Record", bound=BaseModel)
VERSION = 1


class _Head(BaseModel):
    """The keys of a policy file; its sections are read one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(ge=VERSION, le=VERSION)
    name: str = Field(min_length=1)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    period: Any = None
    families: Any = None
    must: Any = None
    value: Any = None
    capacity: Any = None
    unassigned: Any = None


class _Value(BaseModel):
    """The keys of a policy's `value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Any = None
    win_probability: Any = None
    prefer: Any = None


@dataclass(frozen=True, eq=False)
class Policy:
    """The rules of a company.

    Attributes
    ----------
    name, currency : as written
    period : what a plan is for
    must, prefer, capacity : the rules of these sections, in the order written
    amount, win_probability, unassigned, families : the rules of these sections
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
    unassigned: Unassigned
    always: tuple[MustRule, ...]
    document: YamlDocument
    locations: Mapping[int, Location]

    def rules(self) -> Iterator[Rule]:
        """Yield every rule, in the order in which they are told."""
        yield from self.must
        yield from self.always
        yield self.families
        yield self.amount
        yield self.win_probability
        yield from self.prefer
        yield from self.capacity
        yield self.unassigned

    def eligibility(self) -> tuple[MustRule, ...]:
        """Return every rule that can forbid a pair."""
        return (*self.must, *self.always)

    def describe(self) -> list[str]:
        """Return the policy as English sentences, one per rule (R50, R52)."""
        return [self.period.sentence(), *(rule.sentence() for rule in self.rules())]

    def columns(self) -> dict[str, set[str]]:
        """Return the columns that the rules read, per table."""
        used: dict[str, set[str]] = {table: set() for table in TABLES}
        for rule in self.rules():
            for use in rule.columns():
                used[use.table].add(use.column)
            if (where := getattr(rule, "where", None)) is not None:
                used["leads"] |= set(where.columns)
        return used

    def resolve_period(self, snapshot: Snapshot) -> Period:
        """Return the period of a plan made from a snapshot."""
        return self.period.resolve(snapshot.as_of, snapshot.header.timezone)

    def check(self, snapshot: Snapshot) -> None:
        """Raise PolicyError with every fault, unless the policy fits the snapshot."""
        faults = list(self._faults(snapshot))
        if faults:
            raise PolicyError(self.document.source, faults)

    def _faults(self, snapshot: Snapshot) -> Iterator[str]:
        if self.currency != snapshot.header.currency:
            yield (
                f"line {self.document.line(('currency',))}: currency is {self.currency}, but the "
                f"tables are in {snapshot.header.currency}; convert one of them"
            )
        facts = Facts(snapshot, self.resolve_period(snapshot))
        for rule in self.rules():
            column_faults = list(self._column_faults(rule, snapshot))
            yield from column_faults
            if not column_faults:
                where = getattr(rule, "where", None)
                for column, fault in where.faults(facts.leads) if where else ():
                    yield self._at(rule, "where", f"where {column}: {fault}")
                for parameter, fault in rule.faults(facts):
                    yield self._at(rule, parameter, f"{rule.name}: {fault}")

    def _column_faults(self, rule: Rule, snapshot: Snapshot) -> Iterator[str]:
        where = getattr(rule, "where", None)
        filtered = [ColumnUse("leads", column, "where") for column in where.columns] if where else []
        for use in (*rule.columns(), *filtered):
            frame = snapshot.tables[use.table]
            present = snapshot.present.get(use.table, frozenset()) & set(frame.columns)
            if use.column not in present and not use.optional:
                near = get_close_matches(use.column, sorted(present), 1)
                advice = f"the nearest is {near[0]!r}" if near else "add it, or leave the rule out"
                text = f"table {use.table} has no column {use.column!r}; {advice}"
                yield self._at(rule, use.parameter, f"{rule.name}: {text}")
            elif use.numeric and frame[use.column].notna().sum() != _numbers(frame[use.column]):
                text = f"column {use.column!r} of {use.table} is not all numbers"
                yield self._at(rule, use.parameter, f"{rule.name}: {text}")

    def _at(self, rule: Rule, parameter: str, text: str) -> str:
        location = self.locations.get(id(rule), ())
        return f"line {self.document.line((*location, parameter))}: {text}"


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
    parser = _Parser(document)
    policy = parser.policy()
    if parser.faults or policy is None:
        raise PolicyError(document.source, parser.faults)
    return policy


class _Parser:
    def __init__(self, document: YamlDocument) -> None:
        self.document = document
        self.faults: list[str] = []
        self.locations: dict[int, Location] = {}

    def policy(self) -> Policy | None:
        head = self._record(_Head, self.document.data, ())
        if head is None:
            return None
        value = self._record(_Value, head.value or {}, ("value",))
        if value is None:
            return None
        period = self._record(PeriodRule, head.period or {}, ("period",))
        parts: dict[str, Any] = {
            "families": self._rule(Families, head.families or {}, ("families",)),
            "must": self._named(Section.MUST, head.must, ("must",)),
            "amount": self._rule(Amount, value.amount or {}, ("value", "amount")),
            "win_probability": self._rule(
                WinProbability, value.win_probability or {}, ("value", "win_probability")
            ),
            "prefer": self._named(Section.PREFER, value.prefer, ("value", "prefer")),
            "capacity": self._limits(head.capacity),
            "unassigned": self._rule(
                Unassigned, {} if head.unassigned is None else head.unassigned, ("unassigned",)
            ),
            "always": tuple(rule() for rule in RULES if rule.section is Section.ALWAYS),
        }
        if self.faults or period is None:
            return None
        return Policy(
            name=head.name,
            currency=head.currency,
            period=period,
            document=self.document,
            locations=self.locations,
            **parts,
        )

    def _named(self, section: Section, entries: Any, location: Location) -> tuple[Rule, ...]:
        """Return the rules of a list of `name: {parameters}`."""
        known = rules_of(section)
        rules = []
        for at, entry in enumerate(self._list(entries, location)):
            here = (*location, at)
            if not isinstance(entry, dict) or len(entry) != 1:
                self._fault(here, f"got {shown(entry)}; a rule is written as `name: {{parameters}}`")
                continue
            ((name, parameters),) = entry.items()
            if name not in known:
                self._fault((*here, name), _unknown(f"rule {name!r} under {section}", name, known))
                continue
            rules.append(self._rule(known[name], parameters or {}, (*here, name)))
        return tuple(rule for rule in rules if rule is not None)

    def _limits(self, entries: Any) -> tuple[Capacity, ...]:
        limits = []
        for at, entry in enumerate(self._list(entries, ("capacity",))):
            limit = self._rule(Capacity, entry, ("capacity", at))
            if limit is not None and limit.label in {other.label for other in limits}:
                self._fault(("capacity", at), f"{limit.label} is limited twice; keep one limit")
            elif limit is not None:
                limits.append(limit)
        return tuple(limits)

    def _list(self, entries: Any, location: Location) -> list[Any]:
        if entries is None:
            return []
        if not isinstance(entries, list):
            self._fault(location, f"got {shown(entries)}; must be a list, each entry after a dash")
            return []
        return entries

    def _rule(self, kind: type[Record], data: Any, location: Location) -> Record | None:
        rule = self._record(kind, data, location)
        if rule is not None:
            self.locations[id(rule)] = location
        return rule

    def _record(self, kind: type[Record], data: Any, location: Location) -> Record | None:
        if not isinstance(data, dict) and kind is not Unassigned:
            self._fault(location, f"got {shown(data)}; must be `name: value` pairs")
            return None
        try:
            return cast("Record", kind.model_validate(data))
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                self._explain(kind, cast("dict[str, Any]", fault), location)
            return None

    def _explain(self, kind: type[BaseModel], fault: dict[str, Any], location: Location) -> None:
        # Tags of unions stand in the location of a fault, but not in the file.
        path = tuple(part for part in fault["loc"] if self._is_written((*location, part), location))
        where = (*location, *path)
        name = ".".join(str(part) for part in (*location, *fault["loc"])) or "policy"
        if fault["type"] == "extra_forbidden":
            known = [field.alias or key for key, field in kind.model_fields.items()]
            key = str(fault["loc"][-1])
            self._fault(where, _unknown(f"key {key!r}", key, known))
        elif fault["type"] == "missing":
            self._fault(location, f"{name} is missing")
        else:
            message = fault["msg"].removeprefix("Value error, ")
            self._fault(where, f"{name}: got {shown(fault['input'])}; {message}")

    def _is_written(self, part: Location, _: Location) -> bool:
        return part in self.document.lines

    def _fault(self, location: Location, text: str) -> None:
        fault = f"line {self.document.line(location)}: {text}"
        if fault not in self.faults:
            self.faults.append(fault)


def _unknown(what: str, name: str, known: Any) -> str:
    near = get_close_matches(name, list(known), 1, cutoff=0.5)
    nearest = f"the nearest is {near[0]!r}; " if near else ""
    return f"unknown {what}; {nearest}known are {', '.join(known)}"


def _numbers(cells: pd.Series) -> int:
    return int(pd.to_numeric(cells, errors="coerce").notna().sum())
