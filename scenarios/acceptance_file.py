"""Reads acceptance rules; every fault comes with its line and the nearest known name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from models.errors import AcceptanceError
from models.files.record_reader import RecordReader, faults_as, unknown
from models.files.yaml_reader import parse_yaml, read_yaml
from models.snapshot import Currency
from models.units import Number, parse_share
from scenarios.acceptance import FEASIBLE, MEASURED, MONEY, SHARE, Against, Allowed, Feasible, Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.files.yaml_reader import Location, YamlDocument
    from scenarios.acceptance import Rule

KNOWN = (FEASIBLE, *MEASURED)
NUMBER: TypeAdapter[float] = TypeAdapter(Number)


class Entry(BaseModel):
    """The keys of a rule, as written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str = Field(min_length=1)
    is_: bool | None = Field(default=None, alias="is", strict=True)
    at_most: Any = None
    at_least: Any = None
    of: Literal["base"] | None = None
    above: Literal["base"] | None = None
    below: Literal["base"] | None = None
    currency: Currency | None = None

    def given(self, names: type[Side | Against]) -> list[str]:
        """Return which of some keys the rule has."""
        return [str(name) for name in names if getattr(self, name) is not None]


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file.

    Raises
    ------
    AcceptanceError : with every fault, each with its line
    """
    with faults_as(AcceptanceError):
        document = read_yaml(path)
    return parse_rules(document)


def rules_from_text(text: str, source: str = "rules") -> tuple[Rule, ...]:
    """Return the rules of YAML text; raises AcceptanceError as `read_rules` does."""
    with faults_as(AcceptanceError):
        document = parse_yaml(text, source)
    return parse_rules(document)


def parse_rules(document: YamlDocument) -> tuple[Rule, ...]:
    """Return the rules of a YAML document; raises AcceptanceError as `read_rules` does."""
    reader = RecordReader(document, "rules")
    found = [
        _rule(reader, entry, (number,))
        for number, entry in enumerate(reader.list_of(document.data, ()))
    ]
    if not found and not reader.faults:
        reader.add(
            (), "rules: there is none; a file has at least one, since none accept everything"
        )
    if reader.faults:
        raise AcceptanceError(document.source, reader.faults)
    return tuple(rule for rule in found if rule is not None)


def _rule(reader: RecordReader, data: Any, location: Location) -> Rule | None:
    """Return one rule; None where it has faults, which are noted."""
    entry = reader.record(Entry, data, location)
    if entry is None:
        return None
    if entry.metric not in KNOWN:
        fault = unknown(f"unknown metric {entry.metric!r}", entry.metric, KNOWN)
        reader.add((*location, "metric"), fault)
        return None
    faults = list(_faults(entry))
    for fault in faults:
        reader.add(location, f"{entry.metric}: {fault}")
    if faults:
        return None
    if entry.is_ is not None:
        return Feasible(entry.is_)
    (side,), against = entry.given(Side), entry.given(Against)
    try:
        amount = _amount(entry, side, is_share=_is_share(entry))
    except (ValueError, ValidationError):
        wanted = "a share, with a percent sign, such as 15%" if _is_share(entry) else "a number"
        reader.fault((*location, side), getattr(entry, side), f"must be {wanted}, at least 0")
        return None
    return Allowed(
        entry.metric,
        Side(side),
        amount,
        Against(against[0]) if against else None,
        entry.currency or "",
    )


def _is_share(entry: Entry) -> bool:
    return entry.of is not None or MEASURED[entry.metric].unit == SHARE


def _amount(entry: Entry, side: str, *, is_share: bool) -> float:
    """Return the amount of a rule; ValueError where it is none.

    Only the objective and money itself may be below 0; how far one lies beside the base may not.
    """
    written = getattr(entry, side)
    amount = parse_share(written) if is_share else NUMBER.validate_python(written)
    may_be_negative = MEASURED[entry.metric].unit == MONEY and not entry.given(Against)
    if amount < 0 and not may_be_negative:
        raise ValueError(written)
    return amount


def _faults(entry: Entry) -> Iterator[str]:
    """Yield what does not go together in a rule."""
    sides, against = entry.given(Side), entry.given(Against)
    if entry.metric == FEASIBLE:
        if entry.is_ is None or sides or against or entry.currency:
            yield "is written as `is: true`, and has no other key"
        return
    if entry.is_ is not None:
        yield f"`is` belongs to {FEASIBLE}; write `at_most` or `at_least`"
    if len(sides) != 1:
        yield "needs either `at_most` or `at_least`"
    if len(against) > 1:
        yield f"has {' and '.join(f'`{name}`' for name in against)}; keep one"
    is_money = MEASURED[entry.metric].unit == MONEY and entry.of is None
    if is_money and entry.currency is None:
        yield "is an amount of money, and needs its `currency`, such as USD"
    if not is_money and entry.currency is not None:
        yield "is no amount of money, and has no `currency`"
