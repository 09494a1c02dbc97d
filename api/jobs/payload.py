"""What is kept of a request for a run: ids and limits, so that it can be performed again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from api.jobs.tasks.task import DIAGNOSE, EVALUATE, SOLVE, LimitsAsked


class Payload(BaseModel):
    """What all kinds of runs share.

    Attributes
    ----------
    snapshot_id, policy_id : what it is about
    scenario_id : of changes to both; None for none
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshot_id: str
    policy_id: str
    scenario_id: str | None = None
    limits: LimitsAsked


class SolvePayload(Payload):
    """A plan is asked for.

    Attributes
    ----------
    from_plan : id of the plan to begin with
    holds_totals : whether fair shares stay parts of what that plan had to share
    """

    kind: Literal["solve"] = SOLVE
    from_plan: str | None = None
    holds_totals: bool = False
    engine: str = "auto"
    rule_prices: bool = True


class EvaluatePayload(Payload):
    """An assignment is to be scored, which is kept as a file under the run's id.

    Attributes
    ----------
    file : its name; sha256 : of its bytes
    """

    kind: Literal["evaluate"] = EVALUATE
    file: str
    sha256: str


class DiagnosePayload(Payload):
    """A diagnosis is asked for."""

    kind: Literal["diagnose"] = DIAGNOSE


AnyPayload = SolvePayload | EvaluatePayload | DiagnosePayload
PAYLOADS: TypeAdapter[AnyPayload] = TypeAdapter(Annotated[AnyPayload, Field(discriminator="kind")])
