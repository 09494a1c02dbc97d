"""The charts of a frontier, of random draws and of a replay, as their commands leave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError
from scenarios.charts.context import Context
from scenarios.charts.distribution import distribution_chart
from scenarios.charts.frontier import MOVES, frontier_chart
from scenarios.charts.svg import svg
from scenarios.charts.theme import SERIES
from scenarios.charts.trend import trend_chart
from scenarios.frontier.frontier import ALIKE, EPSILON
from scenarios.robustness.figures import BROKEN, FULLEST, REALIZED, VALUE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import altair as alt

    from scenarios.frontier.frontier import Frontier
    from scenarios.replay.replay import Replay
    from scenarios.robustness.robustness import Robustness

    Charts = dict[str, alt.Chart | alt.LayerChart]

DRAWN = (REALIZED, VALUE, FULLEST, BROKEN)
"""Of random draws; those that say nothing are left out."""
BAND = "width of the band, % of the fair share"
BY_WEEK = {
    "expected_value": ("Value of open leads with a rep", "money"),
    "count_gini": ("Gini of leads", ""),
    "moves": ("Moves", "leads"),
}
"""Of a replay."""


def frontier_charts(found: Frontier) -> Charts:
    """Return the curve of a frontier; nothing of a grid, which has no curve.

    Plans that leave books farther over a limit than others do are of other problems, and left out.
    """
    if len(found.axes) > 1:
        return {}
    (axis,) = found.axes
    names = {"scenario": "name", "objective": "value", EPSILON: "cost"}
    alike = found.solved[found.solved["overload"] <= found.solved["overload"].min() + ALIKE]
    frame = alike.rename(columns=names)[[*names.values(), "is_efficient", "is_knee"]]
    frame = frame.assign(cost=frame["cost"] / axis.per)
    cost = MOVES if axis.name == MOVES else BAND
    return {"frontier": frontier_chart(frame, Context(found.currency), cost, "Objective")}


def robustness_charts(found: Robustness) -> Charts:
    """Return how far each figure spreads; of no more plans than can be told apart."""
    context, charts = Context(found.currency), {}
    plans = list(dict.fromkeys(found.outcomes["plan"]))[: len(SERIES)]
    shown = found.outcomes[found.outcomes["plan"].isin(plans)]
    for figure in DRAWN:
        frame = shown.loc[shown["metric"] == figure.name, ["plan", "draw", "value"]].dropna()
        if frame["value"].nunique() > 1:
            charts[figure.name] = distribution_chart(frame, context, figure.title, figure.unit)
    return charts


def replay_charts(found: Replay, currency: str) -> Charts:
    """Return the weeks of all contenders as lines; of no more than can be told apart."""
    contenders = list(dict.fromkeys(found.weeks["contender"]))[: len(SERIES)]
    shown = found.weeks[found.weeks["contender"].isin(contenders)]
    shown = shown.rename(columns={"contender": "series"})
    return {
        name: trend_chart(
            shown.rename(columns={name: "value"})[["week", "series", "value"]],
            Context(currency),
            title,
            unit,
        )
        for name, (title, unit) in BY_WEEK.items()
    }


def write_charts(charts: Mapping[str, alt.Chart | alt.LayerChart], directory: Path) -> None:
    """Write each chart as NAME.svg.

    Raises
    ------
    UsageError : the place cannot be written
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, chart in charts.items():
            (directory / f"{name}.svg").write_text(svg(chart), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{directory} cannot be written: {error.strerror}") from error
