"""What the figures of generalized assignment problems say, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.bench.markdown import listed, percent, seconds
from scenarios.bench.methods import METHODS, OURS
from scenarios.bench.standings import mean_gap, no_answers

if TYPE_CHECKING:
    from scenarios.bench.cells import Conditions
    from scenarios.bench.methods import Method
    from scenarios.bench.standings import Standing

OVERRUN = 1.05
"""Seconds beyond this multiple of the time limit are told."""
NAMED_AT_MOST = 4


def findings(
    conditions: Conditions, by_kind: dict[str, list[Standing]], planners: tuple[Method, ...]
) -> list[str]:
    """Return the items of a list: who is best, by how much, and who failed where.

    Parameters
    ----------
    planners : the methods that look for plans
    """
    everything = [each for group in by_kind.values() for each in group]
    best = sum(each.is_best(OURS) for each in everything)
    found = [f"Type {kind}: {_ranking(group, planners)}" for kind, group in by_kind.items()]
    found.append(
        f"{OURS.title} has the cheapest plan, alone or with others, on {best} of "
        f"{len(everything)} instances."
    )
    found += [text for method in planners if (text := _planless(everything, method))]
    found += no_answers(everything) + _false_bounds(everything)
    found += _overruns(conditions, everything)
    return [f"- {text}" for text in found]


def _ranking(group: list[Standing], planners: tuple[Method, ...]) -> str:
    """Return who has the lowest mean gap of those with a plan on every instance."""
    means = {}
    for method in planners:
        mean, count = mean_gap(group, method)
        if mean is not None and count == len(group):
            means[method.title] = mean
    if not means:
        return "no method has a plan on every instance."
    ranked = sorted(means, key=lambda title: means[title])
    lowest = percent(means[ranked[0]])
    first = [title for title in ranked if percent(means[title]) == lowest]
    verb = "has" if len(first) == 1 else "share"
    text = f"{listed(first)} {verb} the lowest mean gap, {lowest}"
    if OURS.title not in means:
        return f"{text}; {OURS.title} has no plan on some instances."
    if OURS.title not in first:
        return f"{text}; that of {OURS.title} is {percent(means[OURS.title])}."
    if len(ranked) > len(first):
        after = ranked[len(first)]
        return f"{text}; next is {after} with {percent(means[after])}."
    return f"{text}."


def _planless(standings: list[Standing], method: Method) -> str:
    names = [each.instance.name for each in standings if each.has_no_plan(method)]
    if not names:
        return ""
    if len(names) <= NAMED_AT_MOST:
        return f"{method.title} has no plan on {listed(names)}."
    return f"{method.title} has no plan on {len(names)} of {len(standings)} instances."


def _false_bounds(standings: list[Standing]) -> list[str]:
    return [
        f"The bound of {METHODS[name].title} on {each.instance.name} lies above the cost of a "
        "verified plan and does not count."
        for each in standings
        for name in each.false_bounds
    ]


def _overruns(conditions: Conditions, standings: list[Standing]) -> list[str]:
    found = []
    for method in METHODS.values():
        cells = [each.cells[method.name] for each in standings if method.name in each.cells]
        longest = max((cell.seconds or 0.0 for cell in cells), default=0.0)
        if longest > OVERRUN * conditions.seconds:
            found.append(f"{method.title} exceeds its time limit: up to {seconds(longest)} s.")
    return found
