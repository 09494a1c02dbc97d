"""Runs: asking for one, looking at it, stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.errors import ForbiddenError, InvalidRequestError, NotFoundError, QuotaError
from api.jobs.payload import DiagnosePayload, EvaluatePayload, SolvePayload
from api.jobs.queue import add_run, cancel_run
from api.jobs.run import NewRun
from api.jobs.slots import SCHEDULE
from api.jobs.tasks.company import refuse_too_large
from api.jobs.tasks.task import REBALANCE, LimitsAsked
from api.schemas.runs import Progress, RunGiven
from api.services.access.roles import Right
from api.services.references import References
from api.store.audit import lock_audit
from api.store.dialect import now
from api.store.tables import PlanRow, RunRow, RunStatus, ScenarioRow
from scenarios.what_if.scenario_file import scenario_from_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from api.jobs.payload import Payload
    from api.schemas.runs import About, NewDiagnosis, RunLimits
    from api.schemas.runs import NewRun as WantedPlan
    from api.services.access.principal import Principal
    from api.settings import Settings
    from api.store.columns import Json

UNDER_WAY = (RunStatus.QUEUED, RunStatus.SOLVING)
LOOKED_AT = 20
"""Of the newest plans of a base, so many are looked at for one that keeps every rule."""
REQUESTED = {"snapshot_id": "snapshot", "policy_id": "policy", "scenario_id": "scenario"}
"""Per name of a payload, the name in a request."""
WITHHELD = "told to those only who see the whole company"


def solve_payload(session: Session, wanted: WantedPlan, settings: Settings) -> SolvePayload:
    """Return what is kept of a request for a plan.

    Raises
    ------
    InvalidRequestError : it names what is not there, or asks for more than is allowed
    TooLargeError : there are too many leads and reps
    """
    references = References(session)
    snapshot_id, policy_id, scenario = _about(references, wanted, settings)
    if wanted.from_plan is not None:
        references.plan(wanted.from_plan)
    references.refuse()
    from_plan, holds_totals = wanted.from_plan, False
    if scenario is not None:
        base = _plan_of_base(session, scenario)
        if from_plan is None and base is not None:
            from_plan = base.id
        holds = scenario_from_text(scenario.text, scenario.name).holds_totals
        holds_totals = base is not None and from_plan == base.id and holds
    return SolvePayload(
        snapshot_id=snapshot_id,
        policy_id=policy_id,
        scenario_id=wanted.scenario,
        limits=_limits(wanted.limits, settings),
        from_plan=from_plan,
        holds_totals=holds_totals,
        engine=wanted.engine,
        rule_prices=not wanted.skip_rule_prices,
    )


def diagnose_payload(session: Session, wanted: NewDiagnosis, settings: Settings) -> DiagnosePayload:
    """Return what is kept of a request for a diagnosis; raises as `solve_payload`."""
    references = References(session)
    snapshot_id, policy_id, _ = _about(references, wanted, settings)
    references.refuse()
    return DiagnosePayload(
        snapshot_id=snapshot_id,
        policy_id=policy_id,
        scenario_id=wanted.scenario,
        limits=_limits(wanted.limits, settings),
    )


def evaluate_payload(
    session: Session, about: About, file: str, sha256: str, settings: Settings
) -> EvaluatePayload:
    """Return what is kept of a request to score an assignment; raises as `solve_payload`."""
    references = References(session)
    snapshot_id, policy_id, _ = _about(references, about, settings)
    references.refuse()
    return EvaluatePayload(
        snapshot_id=snapshot_id,
        policy_id=policy_id,
        scenario_id=about.scenario,
        limits=_limits(about.limits, settings),
        file=file,
        sha256=sha256,
    )


def ask(
    session: Session, kind: str, payload: Payload, who: Principal, settings: Settings
) -> RunRow:
    """Queue a run; QuotaError if its caller has too many that wait or are under way."""
    # The trail's lock, which every request takes, makes counting and adding one step.
    lock_audit(session)
    refuse_more(session, who.id, settings)
    return add_run(session, _new(kind, payload, who))


def refuse_more(session: Session, caller: str, settings: Settings) -> None:
    """Raise QuotaError if a caller, also a schedule, has as many open runs as are allowed."""
    open_runs = session.scalar(
        select(func.count())
        .select_from(RunRow)
        .where(RunRow.caller == caller, RunRow.status.in_(UNDER_WAY))
    )
    if (open_runs or 0) >= settings.runs_per_caller:
        whose = "this schedule" if caller.startswith(SCHEDULE) else "yours"
        raise QuotaError(
            f"{open_runs} runs of {whose} wait or are under way; this installation allows "
            f"{settings.runs_per_caller}. Wait for one to end, or stop one"
        )


def note_checked(
    session: Session, kind: str, payload: Payload, faults: Sequence[str], who: Principal
) -> RunRow:
    """Keep a request that was only looked at: `created`, or `invalid` with its faults."""
    row = add_run(session, _new(kind, payload, who), checked=False)
    # Nothing follows: who waits for its end, or for its events, has it.
    row.ended_at = now(session)
    if faults:
        row.status = RunStatus.INVALID
        row.result = {"faults": list(faults)}
        row.reason = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
    return row


def stop(session: Session, run_id: str, who: Principal) -> RunRow:
    """Stop a run: what waits is cancelled, what solves keeps the best plan so far.

    Raises
    ------
    NotFoundError : there is no such run
    ForbiddenError : it is somebody else's, and they may only analyse
    IllegalStepError : it has ended
    """
    # Not the whole row, which is read when it is locked.
    caller = session.scalar(select(RunRow.caller).where(RunRow.id == run_id))
    if caller not in (None, who.id) and (Right.PLAN not in who.rights or who.is_limited):
        raise ForbiddenError(
            f"run {run_id} is not yours; whoever may plan for the whole company can stop the runs "
            "of others"
        )
    return cancel_run(session, run_id, who.id)


def get_run(session: Session, run_id: str) -> RunRow:
    """Return a run; NotFoundError if there is none."""
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFoundError(f"there is no run {run_id!r}")
    return row


def told(session: Session, rows: Sequence[RunRow], who: Principal) -> list[RunGiven]:
    """Return runs as somebody may see them.

    Diagnoses and reasons name leads and reps of the whole company, and objectives are its money, so
    who sees a part of it is not told them; but why the engine of a plan that was asked for stopped.
    """
    ids = [row.id for row in rows]
    query = select(PlanRow.run_id, PlanRow.id).where(PlanRow.run_id.in_(ids))
    plans = {plan.run_id: plan.id for plan in session.execute(query)}
    return [_told(row, plans.get(row.id), who) for row in rows]


def _told(row: RunRow, plan_id: str | None, who: Principal) -> RunGiven:
    reason, result = row.reason, row.result
    progress = None if row.progress is None else Progress.model_validate(row.progress)
    if not who.sees_all:
        result = None
        # That of a schedule's run tells figures that its rules ask for, and what it would break.
        is_told = row.status == RunStatus.SOLVED and row.kind != REBALANCE
        reason = reason if reason is None or is_told else WITHHELD
        if progress is not None:
            progress = progress.model_copy(update={"objective": None, "bound": None})
    return RunGiven(
        id=row.id,
        kind=row.kind,
        status=row.status,
        asked=_asked(row.payload),
        caller=row.caller,
        attempts=row.attempts,
        cancel_requested=row.cancel_requested,
        progress=progress,
        reason=reason,
        result=result,
        plan_id=plan_id,
        created_at=row.created_at,
        queued_at=row.queued_at,
        started_at=row.started_at,
        progressed_at=row.progressed_at,
        ended_at=row.ended_at,
    )


def _asked(payload: Json) -> Json:
    """Return what is kept of a request, by the names that requests have for it."""
    told = {REQUESTED.get(name, name): value for name, value in payload.items()}
    if "rule_prices" in told:
        told["skip_rule_prices"] = not told.pop("rule_prices")
    return told


def _new(kind: str, payload: Payload, who: Principal) -> NewRun:
    return NewRun(kind, payload.model_dump(mode="json", exclude={"kind"}), who.id)


def _about(
    references: References, about: About, settings: Settings
) -> tuple[str, str, ScenarioRow | None]:
    """Return the ids of tables and policy, and the scenario; faults go to `references`."""
    scenario = None
    snapshot_id, policy_id = about.snapshot or "", about.policy or ""
    if about.scenario is not None:
        scenario = references.scenario(about.scenario)
        if scenario is None:
            return "", "", None
        snapshot_id, policy_id = scenario.snapshot_id, scenario.policy_id
    snapshot = references.snapshot(snapshot_id)
    references.policy(policy_id)
    if snapshot is not None:
        rows = snapshot.summary["rows"]
        refuse_too_large(rows["leads"], rows["reps"], settings.max_pairs)
    return snapshot_id, policy_id, scenario


def _plan_of_base(session: Session, scenario: ScenarioRow) -> PlanRow | None:
    """Return the newest plan of a scenario's base that keeps every rule; None if there is none."""
    rows = session.scalars(
        select(PlanRow)
        .where(
            PlanRow.snapshot_id == scenario.snapshot_id,
            PlanRow.policy_id == scenario.policy_id,
            PlanRow.scenario_id.is_(None),
        )
        .order_by(PlanRow.created_at.desc(), PlanRow.id.desc())
        .limit(LOOKED_AT)
    )
    return next((row for row in rows if row.record.get("feasible") is True), None)


def _limits(asked: RunLimits, settings: Settings) -> LimitsAsked:
    """Return limits that are within an installation's; InvalidRequestError with every fault."""
    most = {
        "seconds": settings.max_run_seconds,
        "iterations": settings.max_run_iterations,
        "threads": settings.run_threads,
    }
    faults = [
        f"limits.{name} is {getattr(asked, name):,}; this installation allows {allowed:,}"
        for name, allowed in most.items()
        if (getattr(asked, name) or 0) > allowed
    ]
    if faults:
        raise InvalidRequestError("; ".join(faults))
    return LimitsAsked(**asked.model_dump())
