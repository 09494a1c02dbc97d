"""The page on simple policies: every figure and every sentence follows from what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.bench.markdown import number, paragraph, percent, table

if TYPE_CHECKING:
    from scenarios.bench.figures import Figures
    from scenarios.bench.rivals_contest import Meeting, Result, SweptPlan


@dataclass(frozen=True)
class Occasion:
    """Under which conditions policies and plans met.

    Attributes
    ----------
    command : that measures this
    date : YYYY-MM-DD
    machine : processor, cores, memory
    versions : of what solves
    bands : of a sweep, as shares of the fair share
    seconds : time limit of a plan
    """

    command: str
    date: str
    machine: str
    versions: dict[str, str]
    bands: tuple[float, ...]
    seconds: float


def page(occasion: Occasion, results: list[Result]) -> str:
    """Return the page as Markdown."""
    parts = [_head(occasion), _terms(occasion), _summary(results)]
    return "\n".join([*parts, *(_section(result) for result in results)])


def _head(occasion: Occasion) -> str:
    versions = ", ".join(f"{name} {text}" for name, text in occasion.versions.items())
    return (
        "# Plans beside simple policies\n\n"
        "What [other systems do](simple-policies.md) with all leads of a company, beside plans, "
        "measured by one command:\n\n"
        f"```sh\n{occasion.command}\n```\n\n"
        + paragraph(f"{occasion.date}; {occasion.machine}; {versions}.")
    )


def _terms(occasion: Occasion) -> str:
    bands = ", ".join(f"{within:.0%}" for within in occasion.bands)
    return "## How they are compared\n\n" + "".join(
        paragraph(text)
        for text in (
            "- Everybody decides with win rates learned on the earlier half of a company's past. "
            "All are valued with those of the later half, which nobody has seen.",
            "- Every policy gets all leads as if nobody owned them, under the same rules and "
            "limits as plans. Preferences, which multiply scores, are left out for all.",
            "- Value is the expected value. Gini is that of the books, as expected value divided "
            "by the rep's capacity: 0 if books are proportional to capacities. Moves are owned "
            "leads that their owner does not keep. Leads with a rep are told, but not compared.",
            "- A plan dominates a policy if it is no worse in all three, and better in value or "
            "Gini.",
            f"- Plans come from sweeps: one without a band on books, then one each for {bands} "
            "around the fair share of expected value, by capacity, at a cost of 1 for each unit "
            f"outside, {occasion.seconds:g} s each. A sweep may move as many leads as one of the "
            "policies does.",
            "- Where several plans dominate, the one with the highest value is shown; where none "
            "does, the one that comes nearest.",
        )
    )


def _summary(results: list[Result]) -> str:
    rows = [
        [
            result.company,
            number(result.num_leads),
            number(result.num_reps),
            number(result.num_owned),
            number(result.num_plans),
            f"{len(result.meetings) - len(_left(result))} of {len(result.meetings)}",
        ]
        for result in results
    ]
    header = ["company", "leads", "reps", "owned", "plans made", "policies dominated"]
    left = [(result, meeting) for result in results for meeting in _left(result)]
    total = sum(len(result.meetings) for result in results)
    told = f"A plan dominates the policy in {total - len(left):,} of {total:,} cases."
    if left:
        told += " It does not in these:"
    cases = "".join(
        paragraph(f"- {result.company}, `{meeting.policy}`: {_nearest(result, meeting)}")
        for result, meeting in left
    )
    return f"## In short\n\n{paragraph(told)}\n{cases}\n{table(header, rows, 'lrrrrr')}"


def _left(result: Result) -> list[Meeting]:
    return [meeting for meeting in result.meetings if not meeting.is_dominated]


def _nearest(result: Result, meeting: Meeting) -> str:
    """Return how much a policy hands out, and how the nearest plan differs from it."""
    plan, other = meeting.plan.figures, meeting.figures
    moves = plan.moves - other.moves
    return (
        f"it gives a rep to {other.assigned:,} of {result.num_leads:,} leads; the nearest plan, "
        f"{_band(meeting.plan)}, has {_change(plan, other)} value, a Gini "
        f"{plan.gini - other.gini:+.4f} and {moves:+,} moves."
    )


def _change(plan: Figures, other: Figures) -> str:
    return percent(plan.value / other.value - 1, signed=True) if other.value else "more"


def _band(plan: SweptPlan) -> str:
    return "without a band" if plan.within is None else f"within {plan.within:.0%}"


def _section(result: Result) -> str:
    header = [
        "policy",
        "leads",
        "value",
        "Gini",
        "moves",
        "plan",
        "value",
        "change",
        "Gini",
        "moves",
    ]
    rows = [
        [
            meeting.policy,
            number(meeting.figures.assigned),
            *_cells(meeting.figures),
            ("" if meeting.is_dominated else "none; nearest ") + _band(meeting.plan),
            number(meeting.plan.figures.value),
            _change(meeting.plan.figures, meeting.figures),
            *_cells(meeting.plan.figures)[1:],
        ]
        for meeting in result.meetings
    ]
    return (
        f"## {result.company[0].upper()}{result.company[1:]}\n\n{table(header, rows, 'lrrrrlrrrr')}"
    )


def _cells(given: Figures) -> list[str]:
    return [number(given.value), number(given.gini, 4), number(given.moves)]
