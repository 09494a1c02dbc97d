"""What a report tells, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.measures import Measure
from scenarios.charts.books import books_chart, books_frame
from scenarios.charts.context import context_of
from scenarios.charts.convergence import convergence_chart, convergence_frame
from scenarios.charts.flows import flows_chart, flows_frame
from scenarios.charts.prices import prices_chart, prices_frame
from scenarios.charts.svg import svg
from scenarios.charts.values import values_chart, values_frame
from scenarios.plan_words import remarks, words
from scenarios.report.elements import Section, Table, Tile, identity, text
from scenarios.report.tables import (
    baselines_table,
    issues_table,
    moves_table,
    others_table,
    prices_table,
    reasons_table,
    rules_table,
    stages_table,
    unassigned_table,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import Plan

THIS = "this plan"
BY = ("region", "team", "grade")


def tiles(plan: Plan) -> list[Tile]:
    """Return the key figures of a plan."""
    record, kpis = plan.record, plan.record.kpis
    hours = kpis.loads.get(Measure.EFFORT_HOURS)
    forced = f"{kpis.forced_moves:,} of them have to" if kpis.forced_moves else ""
    gap = "-" if record.gap is None else f"{record.gap:.3%}"
    found = [
        Tile("Expected value", f"{kpis.expected_value:,.0f}", record.currency),
        Tile(
            "Leads with a rep", f"{kpis.coverage:.1%}", f"{kpis.assigned:,} of {kpis.leads:,} leads"
        ),
        Tile("Change hands", f"{kpis.moves:,}", forced or "owned leads that move"),
        Tile("Below the best", gap, "at most, proven"),
    ]
    if hours is not None:
        found.append(
            Tile("Fullest book", f"{hours.most:,.0f} h", f"mean {hours.mean:,.0f} h in the period")
        )
    return found


def sections(plans: Mapping[str, Plan]) -> list[Section]:
    """Return the sections about the first of some plans, which the others stand beside."""
    plan = next(iter(plans.values()))
    return [
        Section(
            "result",
            "What it is worth",
            tuple(remarks(plan)),
            _values(plan),
            _known(baselines_table(plan), others_table(plans)),
        ),
        Section("books", "Who has what", charts=_books(plan)),
        Section("rules", "Rules", plan.record.breaches, tables=(rules_table(plan),)),
        _moves(plan),
        _unassigned(plan),
        _prices(plan),
        _data(plan),
        _making(plan),
    ]


def _values(plan: Plan) -> tuple[str, ...]:
    """Return expected value by region, team and grade, where there are two or more of them."""
    context = context_of(plan.record)
    frames = [(by, values_frame({THIS: plan}, by)) for by in BY]
    return tuple(svg(values_chart(frame, context, by)) for by, frame in frames if len(frame) > 1)


def _books(plan: Plan) -> tuple[str, ...]:
    """Return the loads that a limit or a fair share is about; at least the hours."""
    context, columns = context_of(plan.record), plan.reps.columns
    about = [m for m in Measure if {f"{m} limit", f"{m} band low"} & set(columns)]
    return tuple(
        svg(books_chart(books_frame(plan, measure), context, measure))
        for measure in about or [Measure.EFFORT_HOURS]
    )


def _moves(plan: Plan) -> Section:
    frame = flows_frame(plan)
    charts = (svg(flows_chart(frame, context_of(plan.record))),)
    return Section("moves", "Moves", (), charts, _known(moves_table(plan)))


def _unassigned(plan: Plan) -> Section:
    tables = _known(reasons_table(plan), unassigned_table(plan))
    return Section(
        "unassigned", "Leads without a rep", _or("Every lead has one.", tables), (), tables
    )


def _prices(plan: Plan) -> Section:
    chart = svg(prices_chart(prices_frame(plan), context_of(plan.record)))
    meaning = "A price is what one more unit of a limit would be worth to this plan."
    return Section(
        "prices", "Where the money is tight", (meaning,), (chart,), _known(prices_table(plan))
    )


def _data(plan: Plan) -> Section:
    tables = _known(issues_table(plan))
    return Section("data", "Remarks on the data", _or("There are none.", tables), (), tables)


def _making(plan: Plan) -> Section:
    record = plan.record
    limits = ", ".join(f"{name} {value:g}" for name, value in record.limits.items() if value)
    seconds = ", ".join(f"{name} {value:.1f} s" for name, value in record.timings.items())
    rows = [
        ("engine", f"{record.engine}; {words(str(record.reason))}"),
        ("objective and bound", _certificate(plan)),
        ("limits", f"{limits}, seed {record.seed}"),
        ("time", seconds),
        *((f"SHA-256 of the {name}", value) for name, value in record.hashes.items()),
        ("versions", ", ".join(f"{name} {value}" for name, value in record.versions.items())),
    ]
    chart = svg(convergence_chart(convergence_frame(plan), context_of(record)))
    made = Table((text(""), identity("")), list(rows))
    return Section("making", "How it was made", (), (chart,), _known(stages_table(plan), made))


def _certificate(plan: Plan) -> str:
    record = plan.record
    reached = "none" if record.objective is None else f"{record.objective:,.2f}"
    return f"{reached} and {record.bound:,.2f} {record.currency}, proven by {record.bound_source}"


def _known(*tables: Table | None) -> tuple[Table, ...]:
    return tuple(table for table in tables if table is not None)


def _or(otherwise: str, tables: tuple[Table, ...]) -> tuple[str, ...]:
    """Return what is said where there is no table."""
    return () if tables else (otherwise,)
