"""The benchmark table's part on a large company: a plan against the relaxation alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.bench.markdown import NOTHING, listed, number, paragraph, percent, seconds, table
from scenarios.bench.methods import OURS
from scenarios.bench.programme import COMPANY_GAP
from scenarios.bench.standings import no_answers

if TYPE_CHECKING:
    from scenarios.bench.cells import Conditions
    from scenarios.bench.methods import Method
    from scenarios.bench.standings import Standing

SHORTEST = 1e-3
"""Seconds, as they are measured: nothing is a multiple of less."""


def company_section(conditions: Conditions, standing: Standing) -> str:
    """Return the part on the company."""
    pairs = max((cell.pairs for cell in standing.cells.values()), default=0)
    parts = [
        f"## A company of {standing.instance.name}\n",
        paragraph(
            f"{pairs:,} pairs of a lead with a rep or nobody, under hour limits, made with seed "
            f"{conditions.seed}. {OURS.title} looks for a plan, which leaves every lead whole, "
            f"within {percent(COMPANY_GAP)} of its bound. The linear solvers, with their default "
            "settings, solve the relaxation, which may split leads and so is no plan. Each method "
            f"had {conditions.lp_seconds:g} s and {conditions.threads} threads. The gap of a plan "
            "is its distance from the best bound, as a share of what the leads with a rep score."
        ),
        "".join(paragraph(f"- {text}") for text in _findings(conditions, standing)),
        _table(conditions, standing),
    ]
    return "\n".join(parts)


def _findings(conditions: Conditions, standing: Standing) -> list[str]:
    found = no_answers([standing])
    ours, gap = standing.cells.get(OURS.name), standing.plan_gap(OURS)
    if ours is None or ours.seconds is None or gap is None:
        return [f"{OURS.title} has no plan.", *found]
    text = (
        f"{OURS.title} has a plan {percent(gap)} below the best bound in {seconds(ours.seconds)} s"
    )
    found.append(
        f"{text}." if gap <= COMPANY_GAP else f"{text}, not the {percent(COMPANY_GAP)} asked for."
    )
    relaxing = [method for method in standing.methods if not method.makes_plans]
    solved = {
        method.title: standing.cells[method.name].seconds or 0.0
        for method in relaxing
        if standing.cells[method.name].is_done
    }
    if solved:
        fastest = min(solved, key=lambda title: solved[title])
        found.append(
            f"The fastest linear solver, {fastest}, takes {seconds(solved[fastest])} s for the "
            f"relaxation alone: {_ratio(solved[fastest], ours.seconds)}."
        )
    late = [method.title for method in relaxing if method.title not in solved]
    if late:
        found.append(f"Not done within {conditions.lp_seconds:g} s: {listed(late)}.")
    return found


def _ratio(took: float, ours: float) -> str:
    if took >= ours:
        return f"{took / max(ours, SHORTEST):,.1f} times as long"
    return f"{OURS.title} takes {ours / max(took, SHORTEST):,.1f} times as long"


def _table(conditions: Conditions, standing: Standing) -> str:
    header = ["method", "finds", "seconds", f"x {OURS.title}", "bound", "above best bound",
              "plan", "gap"]  # fmt: skip
    rows = [_row(conditions, standing, method) for method in standing.methods]
    return table(header, rows, "llrrrrrr")


def _row(conditions: Conditions, standing: Standing, method: Method) -> list[str]:
    cell = standing.cells[method.name]
    ours = standing.cells.get(OURS.name)
    took, over = cell.seconds, ""
    if took is not None and not (method.makes_plans or cell.is_done):
        took, over = max(took, conditions.lp_seconds), "over "
    ratio = NOTHING
    if took is not None and ours is not None and ours.seconds is not None:
        ratio = f"{over}{seconds(took / max(ours.seconds, SHORTEST))}"
    plan, gap = "", ""
    if method.makes_plans:
        plan, gap = number(cell.objective), percent(standing.plan_gap(method))
    return [
        method.title,
        "plan" if method.makes_plans else "relaxation",
        f"{over}{seconds(took)}",
        ratio,
        number(cell.bound),
        percent(standing.bound_gap(method)),
        plan,
        gap,
    ]
