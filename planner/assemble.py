"""Puts a plan together: assignment, reasons, prices, KPIs, the checker's verdict."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import models
from models.issues import IssueLog
from models.outcome import gap_money, relative_gap
from models.plan import KnapsackBound, Plan, PlanRecord, Sentence, plan_hash
from planner.bound import zero_prices
from planner.check import check, soft_excesses
from planner.holders import Per
from planner.kpis import kpis, measure_loads
from planner.measures import DEFAULT_EFFORT_HOURS, Measure
from planner.reasons import Reason, reasons
from planner.remarks import remarks
from planner.rule_prices import RulePrices
from planner.rules.fairness import Fairness, Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from models.outcome import Limits, Multipliers, Outcome, Prices
    from models.plan import Kpis
    from planner.compile import Compiled
    from planner.rules.rule import Violation
    from planner.stages import Staged

BREACHES_TOLD = 100
SPLIT_COMPANY = "split_company"
"""The issue that goes away where one company is one family."""
LIBRARIES = ("ortools", "numpy", "pandas", "pyarrow", "pydantic")


@dataclass(frozen=True, eq=False)
class Verdict:
    """An assignment by lead and what the checker found.

    Attributes
    ----------
    rep_of_lead : (n_leads,) position of the rep; -1 for nobody
    assignments : the plan's table
    violations : what the checker found
    excesses : where soft rules are not kept, at their cost
    """

    rep_of_lead: NDArray[np.int64]
    assignments: pd.DataFrame
    violations: Sequence[Violation] = ()
    excesses: Sequence[Violation] = ()


def judge(
    compiled: Compiled,
    rep_of_lead: NDArray[np.int64],
    prices: Prices,
    *,
    made_here: bool = True,
) -> Verdict:
    """Return the assignment as a table, checked independently.

    Parameters
    ----------
    made_here : False where somebody else decided, whose reasons nobody knows
    """
    assignments = assignment_table(compiled, rep_of_lead, prices)
    if not made_here:
        left_out = assignments["reason"].isin([Reason.NO_ROOM, Reason.NO_VALUE])
        assignments["reason"] = assignments["reason"].mask(left_out, str(Reason.NOT_GIVEN))
    violations = check(compiled.policy, compiled.snapshot, assignments, compiled.settled)
    excesses = soft_excesses(compiled.policy, compiled.snapshot, assignments, compiled.settled)
    return Verdict(rep_of_lead, assignments, violations, excesses)


def assignment_table(
    compiled: Compiled, rep_of_lead: NDArray[np.int64], prices: Prices
) -> pd.DataFrame:
    """Return one row per lead, as models.plan.Plan describes it."""
    leads, reps = compiled.snapshot.leads, compiled.snapshot.reps["rep_id"]
    assigned = rep_of_lead >= 0
    at = np.flatnonzero(assigned)
    value = np.zeros(len(leads))
    value[at] = compiled.valuation.expected_value(at, rep_of_lead[at])
    why = reasons(compiled, rep_of_lead, prices)
    return pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "rep_id": _names(reps, rep_of_lead),
            "owner": leads["owner"],
            "moved": compiled.ownership.moved(rep_of_lead),
            "expected_value": value,
            "score": lead_scores(compiled, rep_of_lead),
            "effort_hours": leads["effort_hours"].fillna(DEFAULT_EFFORT_HOURS),
            "reason": why.code,
            "runner_up": _names(reps, why.runner_up),
            "runner_up_loss": why.runner_up_loss,
        }
    )


def lead_scores(compiled: Compiled, rep_of_lead: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (n_leads,) money that each lead adds to the objective; nobody's cost is shared evenly
    among the leads of a family.
    """
    row = compiled.row_of_lead
    score = np.zeros(len(rep_of_lead))
    at = np.flatnonzero(rep_of_lead >= 0)
    score[at] = compiled.valuation.score(at, rep_of_lead[at])
    nobody = rep_of_lead < 0
    cost = compiled.cost_of_nobody / np.bincount(row)
    score[nobody] = 0.0 - cost[row[nobody]]
    return score


def assemble(
    compiled: Compiled,
    outcome: Outcome,
    verdict: Verdict,
    limits: Limits,
    timings: Mapping[str, float],
    baselines: Mapping[str, Kpis] | None = None,
    staged: Staged | None = None,
    rule_prices: RulePrices = RulePrices(),  # noqa: B008 (it is immutable)
) -> Plan:
    """Return the plan of an outcome and its verdict.

    Parameters
    ----------
    baselines : KPIs of simple policies on the same problem, to be told beside the plan's
    staged : what the stages before the plan left
    rule_prices : what fairness and continuity cost
    """
    prices = outcome.prices or zero_prices(compiled.problem)
    scores = verdict.assignments["score"].to_numpy()
    feasible = not verdict.violations
    reference = None if staged is None else staged.reference
    chosen = compiled.chosen_pairs(verdict.rep_of_lead) if feasible else None
    objective = None if chosen is None else compiled.problem.objective(chosen)
    assigned_score = float(np.abs(scores[verdict.rep_of_lead >= 0]).sum())
    snapshot, policy = compiled.snapshot, compiled.policy
    known = [
        issue
        for issue in snapshot.issues
        if not (issue.code == SPLIT_COMPANY and policy.families.by == "company")
    ]
    record = PlanRecord(
        policy=policy.name,
        engine=outcome.engine,
        reason=outcome.reason,
        detail=outcome.detail,
        feasible=feasible,
        as_of=snapshot.as_of,
        starts=compiled.facts.period.starts,
        ends=compiled.facts.period.ends,
        timezone=snapshot.header.timezone,
        currency=policy.currency,
        objective=objective,
        bound=outcome.bound,
        bound_source=outcome.bound_source,
        price_bound=prices.bound,
        knapsack=_knapsack_bound(compiled, outcome.multipliers),
        gap_money=None if objective is None else gap_money(outcome.bound, objective),
        gap=None if objective is None else relative_gap(outcome.bound, objective, assigned_score),
        seed=limits.seed,
        limits={
            "seconds": limits.seconds,
            "iterations": limits.iterations,
            "gap": limits.gap,
            "threads": limits.threads,
        },
        kpis=kpis(compiled, verdict.rep_of_lead, scores, rule_prices),
        baselines=dict(baselines or {}),
        settled=compiled.settled,
        stages=() if staged is None else staged.stages,
        sentences=_sentences(compiled, verdict),
        breaches=tuple(_breach(found) for found in verdict.violations[:BREACHES_TOLD]),
        hashes={
            "snapshot": snapshot.content_hash,
            "policy": policy.content_hash,
            "plan": plan_hash(verdict.assignments),
        },
        timings=dict(timings),
        versions={"fairlead": models.__version__, **{name: version(name) for name in LIBRARIES}},
        trace=outcome.trace,
    )
    return Plan(
        record=record,
        assignments=verdict.assignments,
        reps=_rep_table(compiled, verdict.rep_of_lead, prices),
        prices=_price_table(compiled, prices),
        issues=IssueLog([*known, *remarks(compiled)]).to_frame(),
        policy_text=policy.document.text,
        multipliers=_multiplier_table(compiled, outcome.multipliers),
        reference=_reference_table(compiled, reference),
    )


def _knapsack_bound(compiled: Compiled, multipliers: Multipliers | None) -> KnapsackBound | None:
    if multipliers is None:
        return None
    kept = compiled.problem.resources[multipliers.resource]
    return KnapsackBound(resource=kept.name, bound=multipliers.bound)


def _multiplier_table(compiled: Compiled, multipliers: Multipliers | None) -> pd.DataFrame | None:
    if multipliers is None:
        return None
    lead_id = compiled.snapshot.leads["lead_id"].iloc[compiled.first_leads()]
    return pd.DataFrame({"lead_id": lead_id.to_numpy(), "multiplier": multipliers.by_row})


def _reference_table(
    compiled: Compiled, reference: NDArray[np.int64] | None
) -> pd.DataFrame | None:
    if reference is None:
        return None
    rep_id = _names(compiled.snapshot.reps["rep_id"], reference)
    return pd.DataFrame({"lead_id": compiled.snapshot.leads["lead_id"], "rep_id": rep_id})


def _sentences(compiled: Compiled, verdict: Verdict) -> tuple[Sentence, ...]:
    told = []
    for rule in compiled.policy.rules():
        text = rule.sentence()
        broken = [
            found for found in (*verdict.violations, *verdict.excesses) if found.sentence == text
        ]
        told.append(
            Sentence(
                rule=rule.name,
                text=rule.told(),
                kept=not broken,
                soft=isinstance(rule, Fairness) and rule.mode is Mode.SOFT,
                violations=len(broken),
                amount=float(sum(found.amount for found in broken)),
            )
        )
    return tuple(told)


def _breach(found: Violation) -> str:
    who = " ".join(part for part in (found.lead_id, found.rep_id) if part)
    return ": ".join(filter(None, (found.rule, who, found.text)))


def _rep_table(compiled: Compiled, rep_of_lead: NDArray[np.int64], prices: Prices) -> pd.DataFrame:
    reps = compiled.snapshot.reps
    loads = measure_loads(compiled, rep_of_lead)
    table = pd.DataFrame({"rep_id": reps["rep_id"], "team": reps["team"]})
    table["active"] = ~compiled.facts.has_left
    for measure, load in loads.items():
        table[str(measure)] = load
    weeks = compiled.facts.period.weeks
    lead = np.flatnonzero(rep_of_lead >= 0)
    for number, rule, resource in compiled.capacity():
        if rule.per is not Per.REP:
            continue
        if rule.label not in table:
            amounts = rule.lead_amounts(compiled.facts)
            if amounts is not None:
                table[rule.label] = resource.base + np.bincount(
                    rep_of_lead[lead], amounts[lead], minlength=len(table)
                )
        table[f"{rule.label} limit"] = resource.upper
        # Hours are limited over the whole period; people think of hours a week.
        per_unit = weeks if rule.measure is Measure.EFFORT_HOURS else 1.0
        table[f"{rule.label} price"] = prices.by_resource[number] * per_unit + 0.0
    for fairness in compiled.policy.fairness:
        total = compiled.settled.fair_totals.get(fairness.label)
        if fairness.band is not None and total is not None:
            least, most = fairness.limits(compiled.facts, compiled.valuation, total)
            table[f"{fairness.label} least"], table[f"{fairness.label} most"] = least, most
    return table


def _price_table(compiled: Compiled, prices: Prices) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "resource": resource.name,
                "group": np.arange(resource.num_groups),
                "label": pd.array(list(labels), dtype="str"),
                "price": price + 0.0,  # no -0.0 for people
                "unit": resource.unit,
            }
        )
        for resource, labels, price in zip(
            compiled.problem.resources, compiled.labels, prices.by_resource, strict=True
        )
    ]
    columns = ["resource", "group", "label", "price", "unit"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _names(reps: pd.Series, position: NDArray[np.int64]) -> pd.Series:
    """Return rep_ids by position, NaN for -1."""
    return pd.Series(reps.array.take(position, allow_fill=True))
