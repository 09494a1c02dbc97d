"""Every chart at two sizes on one page, for people to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from planner.engines.engine import Progress
from planner.policy import policy_from_text
from planner.solve import make_plan
from scenarios.charts.books import books_chart, books_frame
from scenarios.charts.context import context_of
from scenarios.charts.convergence import convergence_chart, convergence_frame
from scenarios.charts.distribution import distribution_chart, distribution_frame
from scenarios.charts.flows import flows_chart, flows_frame
from scenarios.charts.frontier import efficient, frontier_chart
from scenarios.charts.prices import prices_chart, prices_frame
from scenarios.charts.svg import png, svg
from scenarios.charts.trend import trend_chart, trend_frame
from scenarios.charts.values import values_chart, values_frame
from scenarios.generate import CompanySpec, generate, policy_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import altair as alt

    from models.outcome import Limits
    from models.plan import Plan
    from planner.engines.engine import Watcher
    from scenarios.charts.context import Context


class Size(NamedTuple):
    """How many leads and reps a company has."""

    leads: int
    reps: int


SIZES = {
    "full": (Size(2_000, 40), Size(20_000, 1_000)),
    "small": (Size(60, 4),),
}
RULES = """\
fairness:
  - {measure: expected_value, share_by: capacity_hours, within: 15%, mode: soft, cost: 0.2}
continuity:
  switching_cost: {share: 15%}
"""
"""So that books have bands, and some leads stay where they are."""
MADE_UP = "made-up figures"
WEEKS, DRAWS, POINTS = 13, 1_000, 16


@dataclass(frozen=True, eq=False)
class Picture:
    """A chart on the sheet.

    Attributes
    ----------
    name : of its files; unique on a sheet
    about : what it is drawn of
    """

    name: str
    about: str
    chart: alt.Chart | alt.LayerChart


def write_sheet(out: Path, sizes: Sequence[Size], limits: Limits, watcher: Watcher) -> int:
    """Plan a company of each size, write every chart as SVG and PNG, and the page that shows them.

    Parameters
    ----------
    out : a directory that exists

    Returns
    -------
    int : how many charts there are
    """
    shown = []
    for size in sizes:
        for picture in pictures(size, limits, watcher):
            watcher.report(Progress(message=f"drawing {picture.name}"))
            drawn = svg(picture.chart)
            (out / f"{picture.name}.svg").write_text(drawn, encoding="utf-8")
            (out / f"{picture.name}.png").write_bytes(png(drawn))
            shown.append((picture, drawn))
    (out / "index.html").write_text(_page(shown), encoding="utf-8")
    return len(shown)


def pictures(size: Size, limits: Limits, watcher: Watcher) -> Iterator[Picture]:
    """Yield every chart of a company of some size."""
    spec = CompanySpec(num_leads=size.leads, num_reps=size.reps)
    snapshot = generate(spec).snapshot()
    policy = policy_from_text(policy_text(spec) + RULES)
    watcher.report(Progress(message=f"planning {size.leads:,} leads and {size.reps:,} reps"))
    plan = make_plan(snapshot, policy, limits=limits, watcher=watcher, rule_prices=False)
    greedy = make_plan(snapshot, policy, engine="greedy", limits=limits, rule_prices=False)
    about = f"{size.leads:,} leads, {size.reps:,} reps"
    context = context_of(plan.record)
    for name, chart in _of_plans(plan, greedy, context):
        yield Picture(f"{name}-{size.reps}", about, chart)
    for name, chart in _made_up(plan, context):
        yield Picture(f"{name}-{size.reps}", f"{about}; {MADE_UP}", chart)


def _of_plans(
    plan: Plan, greedy: Plan, context: Context
) -> Iterator[tuple[str, alt.Chart | alt.LayerChart]]:
    for measure in ("effort_hours", "count", "expected_value"):
        yield f"books-{measure}", books_chart(books_frame(plan, measure), context, measure)
    yield "values-region", values_chart(values_frame({"plan": plan}), context)
    two = values_frame({"greedy": greedy, "plan": plan}, "team")
    yield "values-team-two-plans", values_chart(two, context, "team")
    yield "flows", flows_chart(flows_frame(plan), context)
    yield "prices", prices_chart(prices_frame(plan), context)
    yield "convergence", convergence_chart(convergence_frame(plan), context)


def _made_up(plan: Plan, context: Context) -> Iterator[tuple[str, alt.Chart | alt.LayerChart]]:
    """Yield charts of what takes many plans, of figures around this plan's."""
    random = np.random.default_rng(0)
    value = plan.record.kpis.expected_value
    yield "frontier", frontier_chart(_frontier(plan, random), context)
    first = date(2026, 8, 31)
    series = {
        name: {
            first + timedelta(weeks=week): value * (level + 0.004 * week + 0.01 * noise)
            for week, noise in enumerate(random.standard_normal(WEEKS))
        }
        for name, level in (("plan", 1.0), ("recorded", 0.9), ("greedy", 0.91), ("in turn", 0.7))
    }
    yield "trend", trend_chart(trend_frame(series), context)
    luck = random.standard_normal(DRAWS)
    draws = {
        name: list(value * (level + 0.06 * luck + 0.02 * random.standard_normal(DRAWS)))
        for name, level in (("plan", 1.0), ("within 5 %", 0.97), ("greedy", 0.91))
    }
    yield "distribution", distribution_chart(distribution_frame(draws), context)


def _frontier(plan: Plan, random: np.random.Generator) -> pd.DataFrame:
    moves = np.round(np.linspace(0, max(plan.record.kpis.moves, POINTS), POINTS))
    part = 1 - np.exp(-4 * moves / moves.max())
    frame = pd.DataFrame(
        {
            "name": [f"at most {number:,.0f}" for number in moves],
            "value": plan.record.kpis.expected_value * (0.85 + 0.15 * part),
            "cost": moves,
        }
    )
    frame["value"] *= 1 - 0.06 * (random.random(POINTS) < 0.25)
    frame["is_efficient"] = efficient(frame["value"], frame["cost"])
    return frame.assign(is_knee=frame.index == POINTS // 3)


def _page(shown: Sequence[tuple[Picture, str]]) -> str:
    figures = "\n".join(
        f"<figure>{drawn}<figcaption>{escape(picture.name)}: {escape(picture.about)}</figcaption>"
        "</figure>"
        for picture, drawn in shown
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Charts</title>\n'
        "<style>body{font-family:Arial,Helvetica,sans-serif;margin:24px}"
        "figure{margin:0 0 40px}svg{max-width:100%;height:auto}"
        "figcaption{color:#5a5f66;font-size:12px}</style></head><body>\n"
        f"<h1>Charts</h1>\n{figures}\n</body></html>\n"
    )
