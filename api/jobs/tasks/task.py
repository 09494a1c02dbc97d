"""What a run's process is asked to do: directories, texts and plain values, as a file of JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from models.outcome import Limits

SOLVE: Final = "solve"
EVALUATE: Final = "evaluate"
DIAGNOSE: Final = "diagnose"
REBALANCE: Final = "rebalance"
"""Kinds of runs."""
TASK, ANSWER, PLAN = "task.json", "answer.json", "plan"
"""Names in the directory of a process: what it is asked, what it answers, the plan that it made."""


class Record(BaseModel):
    """Base of the parts of a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Pin(Record):
    """A pin that was set in the service; the columns of the table of pins.

    Attributes
    ----------
    id : empty for one of the tables; by : who set it
    """

    id: str
    lead_id: str
    kind: str
    rep_id: str | None = None
    team: str | None = None
    region: str | None = None
    expires: AwareDatetime | None = None
    by: str | None = None


class LimitsAsked(Record):
    """When to stop; as `models.outcome.Limits`.

    With a limit to iterations there is none to seconds, so that the run can be repeated.
    """

    seconds: float
    iterations: int | None = None
    gap: float = 1e-4
    seed: int = 0
    threads: int = 1

    def limits(self, memory_mb: int | None) -> Limits:
        """Return them for an engine.

        Parameters
        ----------
        memory_mb : what the whole run may take; None is no limit
        """
        limits = Limits(
            seconds=None if self.iterations else self.seconds,
            iterations=self.iterations,
            gap=self.gap,
            seed=self.seed,
            threads=self.threads,
        )
        return limits if memory_mb is None else replace(limits, memory_mb=memory_mb)


class Company(Record):
    """What every task is about.

    Attributes
    ----------
    tables : the directory of a snapshot
    policy, policy_name : the policy's text, and what faults call it
    scenario : the text of a scenario that is applied to both
    pins : further ones than those of the tables
    max_pairs : how many leads x reps it may have
    """

    tables: Path
    policy: str
    policy_name: str
    scenario: str | None = None
    pins: tuple[Pin, ...] = ()
    max_pairs: int


class Base(Record):
    """What all tasks share.

    Attributes
    ----------
    limits : when to stop
    memory_mb : of the process; None is no limit
    """

    company: Company
    limits: LimitsAsked
    memory_mb: int | None = None


class SolveTask(Base):
    """Make a plan.

    Attributes
    ----------
    start : the directory of the plan to begin with
    holds_totals : whether fair shares stay parts of what that plan had to share
    engine : `auto` or the name of one
    rule_prices : whether to tell what fairness and continuity cost, which takes one more solve
    """

    kind: Literal["solve"] = SOLVE
    start: Path | None = None
    holds_totals: bool = False
    engine: str
    rule_prices: bool = True


class EvaluateTask(Base):
    """Score an assignment made elsewhere.

    Attributes
    ----------
    assignments : a CSV or Parquet file
    """

    kind: Literal["evaluate"] = EVALUATE
    assignments: Path


class DiagnoseTask(Base):
    """Tell whether there is a plan, and why not."""

    kind: Literal["diagnose"] = DIAGNOSE


class RebalanceTask(Base):
    """Make a plan from the current assignment, and judge it.

    Attributes
    ----------
    current : a Parquet file with lead_id and rep_id; None before the first publication
    acceptance : the text of rules; `base` is the current assignment. None for none
    """

    kind: Literal["rebalance"] = REBALANCE
    current: Path | None = None
    acceptance: str | None = None


AnyTask = SolveTask | EvaluateTask | DiagnoseTask | RebalanceTask
TASKS: TypeAdapter[AnyTask] = TypeAdapter(Annotated[AnyTask, Field(discriminator="kind")])


class Judged(Record):
    """What an acceptance rule says of a plan."""

    text: str
    passed: bool


class Answer(Record):
    """What a process made of a task, besides the plan.

    Attributes
    ----------
    reason : why it stopped
    pins_left_out : ids of pins to what the company does not have
    diagnosis : of a `DiagnoseTask`
    judged : what each rule of a `RebalanceTask` says
    """

    reason: str
    pins_left_out: tuple[str, ...] = ()
    diagnosis: dict[str, object] | None = None
    judged: tuple[Judged, ...] = ()
