"""Why there is no plan: what contradicts, and what to relax; a record that tells itself."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = "fairlead.diagnosis/1"
NAMED_AT_MOST = 5


class Status(StrEnum):
    """Whether there is a plan."""

    FEASIBLE = "feasible"
    """There is: an assignment that keeps every limit was found and verified."""
    INFEASIBLE = "infeasible"
    """There is none; it was proved twice, independently."""
    NOT_PROVEN = "not_proven"
    """None was found, and within the time nobody proved that there is none."""


class Cause(BaseModel):
    """One limit, duty or rule for single leads that is part of the contradiction.

    Attributes
    ----------
    code : the kind, as in docs/diagnose.md
    rule, sentence : the policy's name for it, and its sentence
    leads, reps : the records it names, by id
    group : the team, region or class it is about; "" for none
    amount : the limit in force, in `unit`; None where it is no number
    text : in words
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    rule: str
    sentence: str
    leads: tuple[str, ...] = ()
    reps: tuple[str, ...] = ()
    group: str = ""
    amount: float | None = None
    unit: str = ""
    text: str


class Step(BaseModel):
    """One thing to relax.

    Attributes
    ----------
    code, rule, leads, reps, group, unit : as in `Cause`
    amount : by how much; 1 for what is lifted
    now, needed : the limit as it is, and as it must be; None where it is lifted
    text : in words
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    rule: str
    leads: tuple[str, ...] = ()
    reps: tuple[str, ...] = ()
    group: str = ""
    amount: float = 1.0
    now: float | None = None
    needed: float | None = None
    unit: str = ""
    text: str


class WayOut(BaseModel):
    """Steps that together leave a plan; one that needs no more than them is known.

    Attributes
    ----------
    cost : what they cost in the weights of docs/diagnose.md
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    steps: tuple[Step, ...]
    cost: float

    def text(self) -> str:
        """Return the steps in a sentence."""
        more = len(self.steps) - NAMED_AT_MOST
        told = [step.text for step in self.steps[:NAMED_AT_MOST]]
        if more > 0:
            told.append(f"{more:,} more like these")
        return "; ".join(told)


class Diagnosis(BaseModel):
    """Whether there is a plan, and why not.

    Attributes
    ----------
    status : whether there is
    causes : limits and duties that cannot all hold, whatever else; empty where none are known
    minimal : whether without each single one of them the others can hold, which was verified
    ways : what to relax, the cheapest first; each further one leaves the rules of those before
    cheapest : whether the first one was proved to be the cheapest
    detail : what is known besides, in words
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_: str = Field(default=SCHEMA, alias="schema")
    status: Status
    causes: tuple[Cause, ...] = ()
    minimal: bool = False
    ways: tuple[WayOut, ...] = ()
    cheapest: bool = False
    detail: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the diagnosis in English, line by line."""
        if self.status is Status.FEASIBLE:
            yield "A plan exists: every limit and duty can hold."
            return
        if self.status is Status.INFEASIBLE:
            yield "No plan exists; this is proved twice, independently. These cannot all hold:"
        else:
            known = "These seem to contradict each other:" if self.causes else self.detail
            yield f"No plan was found, but it is not proven that none exists. {known}".rstrip()
        yield from self._told_causes()
        if self.causes and not self.minimal:
            yield "There may be smaller sets that contradict: the time was over."
        for number, way in enumerate(self.ways):
            yield f"{'To get a plan' if number == 0 else 'Or else'}: {way.text()}."

    def text(self) -> str:
        """Return the diagnosis in English, one line each."""
        return "\n".join(self.lines())

    def short(self) -> str:
        """Return what contradicts and the cheapest way out, as one text."""
        causes = [cause.text for cause in self.causes[:NAMED_AT_MOST]]
        if len(self.causes) > NAMED_AT_MOST:
            causes.append(f"and {len(self.causes) - NAMED_AT_MOST:,} more like these")
        told = f"these contradict each other: {'; '.join(causes)}" if causes else ""
        if self.ways:
            told += f"{'. ' if told else ''}To get a plan: {self.ways[0].text()}"
        return told

    def _told_causes(self) -> Iterator[str]:
        """Yield the causes below the sentences of their rules."""
        by_sentence: dict[str, list[str]] = {}
        for cause in self.causes:
            by_sentence.setdefault(cause.sentence, []).append(cause.text)
        for sentence, texts in by_sentence.items():
            yield f"- {sentence}"
            for text in texts[:NAMED_AT_MOST]:
                yield f"    {text}"
            if len(texts) > NAMED_AT_MOST:
                yield f"    and {len(texts) - NAMED_AT_MOST:,} more"
