"""The benchmark table's part on generalized assignment problems."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from scenarios.bench.gap_findings import findings
from scenarios.bench.markdown import NOTHING, number, paragraph, percent, seconds, table
from scenarios.bench.methods import CP_SAT, GREEDY, HIGHS, OURS, SCIP
from scenarios.bench.standings import duel, mean_gap

if TYPE_CHECKING:
    from scenarios.bench.cells import Conditions
    from scenarios.bench.methods import Method
    from scenarios.bench.standings import Standing

RIVALS = (CP_SAT, HIGHS, SCIP)
PLANNERS = (OURS, *RIVALS, GREEDY)


def gap_section(conditions: Conditions, standings: list[Standing]) -> str:
    """Return the part on generalized assignment problems; costs are minimized there."""
    by_kind = {
        kind: list(group) for kind, group in groupby(standings, lambda each: each.instance.kind)
    }
    parts = [
        "## Generalized assignment problems\n",
        paragraph(
            "Every job goes to one agent and takes some of that agent's capacity, at the least "
            "cost: types C, D and E of the literature, as `fairlead bench gap-generate` makes them "
            f"with seed {conditions.seed}, named by agents x jobs. Each method had "
            f"{conditions.seconds:g} s and {conditions.threads} threads. The gap of a plan is how "
            "much it costs above the best bound that any method proved on its instance."
        ),
        "".join(map(paragraph, findings(conditions, by_kind, PLANNERS))),
        paragraph(
            "Mean gaps, over all instances of a type, or over those where the method has a plan:"
        ),
        _means(by_kind),
        paragraph(
            f"{OURS.title} against each other solver of the whole model: on how many instances its "
            "plan is cheaper, as dear and dearer (a plan is cheaper than none), and how much more "
            "the other one's plans cost on average where both have one:"
        ),
        _duels(by_kind),
    ]
    for kind, group in by_kind.items():
        parts += [f"### Type {kind}\n", _details(group)]
    return "\n".join(parts)


def _means(by_kind: dict[str, list[Standing]]) -> str:
    rows = [
        [kind, *(_mean(group, method) for method in PLANNERS)] for kind, group in by_kind.items()
    ]
    return table(["type", *(method.title for method in PLANNERS)], rows, "l" + "r" * len(PLANNERS))


def _mean(group: list[Standing], method: Method) -> str:
    mean, count = mean_gap(group, method)
    if mean is None:
        return "no plan"
    return percent(mean) if count == len(group) else f"{percent(mean)} ({count} of {len(group)})"


def _duels(by_kind: dict[str, list[Standing]]) -> str:
    header = ["type", "against", "cheaper", "equal", "dearer", "other without plan", "other costs"]
    rows = []
    for kind, group in by_kind.items():
        for rival in RIVALS:
            found = duel(group, OURS, rival)
            counts = (found.won, found.drawn, found.lost, found.other_without)
            advantage = percent(found.advantage, signed=True)
            rows.append([kind, rival.title, *map(str, counts), advantage])
    return table(header, rows, "llrrrrr")


def _details(group: list[Standing]) -> str:
    rows = []
    for standing in group:
        # An instance and its bound stand in the first of its rows only.
        first = [standing.instance.name.split()[-1], _cost(standing.bound, 1)]
        for method in standing.methods:
            rows.append([*first, *_detail(standing, method)])
            first = ["", ""]
    header = ["instance", "best bound", "method", "cost", "bound", "gap", "seconds"]
    return table(header, rows, "lrlrrrr")


def _detail(standing: Standing, method: Method) -> list[str]:
    cell = standing.cells[method.name]
    cost, gap = "", ""
    if method.makes_plans:
        cost, gap = _cost(cell.objective), percent(standing.gap(method))
    if standing.is_best(method):
        cost = f"**{cost}**"
    return [method.title, cost, _cost(cell.bound, 1), gap, seconds(cell.seconds)]


def _cost(objective: float | None, digits: int = 0) -> str:
    return NOTHING if objective is None else number(-objective, digits)
