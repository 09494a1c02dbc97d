"""Reads the sections of a policy file into rules; every fault is collected, with its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.files.record_reader import Record, RecordReader, unknown
from models.period import PeriodRule
from models.snapshot import Currency
from planner.rules import RULES, rules_of
from planner.rules.amount import Amount
from planner.rules.at_most_moves import AtMostMoves
from planner.rules.capacity import Capacity
from planner.rules.concentration import Concentration
from planner.rules.fairness import Fairness, Mode
from planner.rules.families import Families
from planner.rules.protect import Protect
from planner.rules.returning import Returning
from planner.rules.rule import Section
from planner.rules.switching_cost import SwitchingCost
from planner.rules.unassigned import Unassigned
from planner.rules.win_probability import WinProbability

if TYPE_CHECKING:
    from models.files.yaml_reader import Location, YamlDocument
    from planner.counted import CountedRule
    from planner.rules.rule import Rule

Labelled = TypeVar("Labelled", Capacity, Fairness, Concentration)
VERSION = 1


class Head(BaseModel):
    """The keys of a policy file; its sections are read one by one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    name: str = Field(min_length=1)
    currency: Currency
    period: Any = None
    families: Any = None
    must: Any = None
    value: Any = None
    capacity: Any = None
    fairness: Any = None
    concentration: Any = None
    returning: Any = None
    continuity: Any = None
    unassigned: Any = None

    @field_validator("version", mode="before")
    @classmethod
    def _is_known(cls, version: Any) -> Any:
        if type(version) is not int or version != VERSION:
            raise ValueError(f"must be {VERSION}")
        return version


class Value(BaseModel):
    """The keys of a policy's `value`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Any = None
    win_probability: Any = None
    prefer: Any = None


class Continuity(BaseModel):
    """The keys of a policy's `continuity`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    switching_cost: Any = None
    at_most_moves: Any = None
    protect: Any = None


class PolicyParser(RecordReader):
    """Reads one policy.

    Attributes
    ----------
    locations : where in the file each rule stands, by id
    """

    def __init__(self, document: YamlDocument) -> None:
        super().__init__(document, "policy")
        self.locations: dict[int, Location] = {}

    def parts(self) -> dict[str, Any]:
        """Return the parts of the policy by name; None, or too few, where there are faults."""
        head = self.record(Head, self.document.data, ())
        parts = _dict(self.document.data)
        self.record(Value, parts.get("value"), ("value",))
        value = _dict(parts.get("value"))
        self.record(Continuity, parts.get("continuity"), ("continuity",))
        continuity = _dict(parts.get("continuity"))
        return {
            "name": head and head.name,
            "currency": head and head.currency,
            "period": self.record(PeriodRule, parts.get("period"), ("period",)),
            "families": self._rule(Families, parts.get("families"), ("families",)),
            "must": self._named(Section.MUST, parts.get("must"), ("must",)),
            "amount": self._rule(Amount, value.get("amount"), ("value", "amount")),
            "win_probability": self._rule(
                WinProbability, value.get("win_probability"), ("value", "win_probability")
            ),
            "prefer": self._named(Section.PREFER, value.get("prefer"), ("value", "prefer")),
            "capacity": self._labelled(Capacity, parts.get("capacity"), ("capacity",)),
            "fairness": self._fairness(parts.get("fairness"), ("fairness",)),
            "concentration": self._labelled(
                Concentration, parts.get("concentration"), ("concentration",)
            ),
            "returning": self._optional(Returning, _without_nothing(parts), ("returning",)),
            "switching_cost": self._optional(
                SwitchingCost, continuity, ("continuity", "switching_cost")
            ),
            "at_most_moves": self._optional(
                AtMostMoves, continuity, ("continuity", "at_most_moves")
            ),
            "protect": self._entries(Protect, continuity.get("protect"), ("continuity", "protect")),
            "unassigned": self._rule(Unassigned, parts.get("unassigned"), ("unassigned",)),
            "always": tuple(rule() for rule in rules_of(Section.ALWAYS).values()),
        }

    def _named(self, section: Section, entries: Any, location: Location) -> tuple[Rule, ...]:
        """Return the rules of a list of `name: {parameters}`."""
        known = rules_of(section)
        rules: list[Rule | None] = []
        for at, entry in enumerate(self.list_of(entries, location)):
            here = (*location, at)
            if not isinstance(entry, dict) or len(entry) != 1:
                self.fault(here, entry, "a rule is written as `name: {parameters}`")
                continue
            ((name, parameters),) = entry.items()
            if name in known:
                rules.append(self._rule(known[name], parameters, (*here, name)))
            else:
                self._unknown_rule(name, section, (*here, name))
        return tuple(rule for rule in rules if rule is not None)

    def _entries(self, kind: type[Record], entries: Any, location: Location) -> tuple[Record, ...]:
        """Return the rules of a list whose entries are all of one kind."""
        rules = [
            self._rule(kind, entry, (*location, at))
            for at, entry in enumerate(self.list_of(entries, location))
        ]
        return tuple(rule for rule in rules if rule is not None)

    def _labelled(
        self, kind: type[Labelled], entries: Any, location: Location
    ) -> tuple[Labelled, ...]:
        """Return the rules of a list, each of another measure, filter or season."""
        rules: list[Labelled] = []
        for at, entry in enumerate(self.list_of(entries, location)):
            rule = self._rule(kind, entry, (*location, at))
            if rule is None:
                continue
            if any(_say_the_same(rule, other) for other in rules):
                what = f"{rule.counted} is limited twice; keep one"
                self.add((*location, at), f"{self.named(location)}: {what}")
            rules.append(rule)
        return tuple(rules)

    def _fairness(self, entries: Any, location: Location) -> tuple[Fairness, ...]:
        """Return the rules of fairness, of which at most one has stages of its own."""
        rules = self._labelled(Fairness, entries, location)
        staged = [rule for rule in rules if rule.mode is Mode.MAX_MIN]
        for rule in staged[1:]:
            what = f"{staged[0].counted} has the mode max_min already; keep one"
            self.add(self.locations[id(rule)], f"{self.named(location)}: {what}")
        return rules

    def _rule(self, kind: type[Record], data: Any, location: Location) -> Record | None:
        rule = self.record(kind, data, location)
        if rule is not None:
            self.locations[id(rule)] = location
        return rule

    def _optional(
        self, kind: type[Record], section: dict[str, Any], location: Location
    ) -> Record | None:
        """Return the rule of a key of a section; None where the key is not given."""
        name = str(location[-1])
        return self._rule(kind, section[name], location) if name in section else None

    def _unknown_rule(self, name: str, section: Section, location: Location) -> None:
        elsewhere = [rule.section for rule in RULES if rule.name == name]
        if Section.ALWAYS in elsewhere:
            self.add(location, f"{section}: rule {name!r} holds always; leave it out")
        elif elsewhere:
            self.add(location, f"{section}: {name!r} belongs under {elsewhere[0]}, not here")
        else:
            known = rules_of(section)
            self.add(location, unknown(f"{section}: unknown rule {name!r}", name, known))


def _say_the_same(rule: CountedRule, other: CountedRule) -> bool:
    """Return whether two rules limit the same at the same time, and neither is a season's."""
    if rule.label != other.label:
        return False
    if rule.during is None or other.during is None:
        return rule.during is other.during
    return rule.during.overlaps(other.during)


def _without_nothing(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part is not None}


def _dict(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
