"""A plan as one page of HTML, which loads nothing: style and charts stand in it.

Texts from tables are escaped by the template; only charts are taken as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scenarios.charts.context import context_of
from scenarios.plan_words import verdict
from scenarios.report.sections import THIS, sections, tiles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import Plan


def report(plan: Plan, others: Mapping[str, Plan] | None = None) -> str:
    """Return the page of a plan.

    Parameters
    ----------
    others : plans that it is told beside, by their names

    Raises
    ------
    UsageError : another plan is in another currency, or is called as this one is
    """
    record = plan.record
    as_of = record.as_of.astimezone(ZoneInfo(record.timezone))
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html").render(
        title=f"Plan {record.policy}",
        period=context_of(record).period,
        as_of=f"{as_of.day} {as_of:%B %Y, %H:%M} ({record.timezone})",
        currency=record.currency,
        feasible=record.feasible,
        verdict=verdict(plan),
        tiles=tiles(plan),
        sections=sections({THIS: plan, **(others or {})}),
    )
