"""The tables of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from scenarios.compare import kpi_table
from scenarios.plan_words import STOPPED, WITH_REP, WITHOUT_REP, number_told, words
from scenarios.report.elements import (
    AT_A_COST,
    BROKEN,
    KEPT,
    Table,
    identity,
    number,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import Kpis, Plan

LONGEST = 1_000
"""Rows of a table of leads; the plan's own files hold all of them."""
DEAREST = 20
NOBODY = "nobody"


def baselines_table(plan: Plan) -> Table | None:
    """Return what simple policies make of the same leads; None where none was tried."""
    record = plan.record
    if not record.baselines:
        return None
    rows: dict[str, Kpis] = {"this plan": record.kpis, **record.baselines}
    best = record.kpis.expected_value
    columns = (
        text(""),
        number(f"expected value, {record.currency}"),
        number("of the plan"),
        number("leads with a rep"),
        number("moves"),
        number("limits broken"),
    )
    cells = [
        (
            words(name),
            f"{kpis.expected_value:,.0f}",
            f"{kpis.expected_value / best:.1%}" if best else "-",
            f"{kpis.coverage:.1%}",
            f"{kpis.moves:,}",
            f"{kpis.limits_broken or 0:,}",
        )
        for name, kpis in rows.items()
    ]
    return Table(columns, list(cells), caption="Beside simple policies", marked=0)


def others_table(plans: Mapping[str, Plan]) -> Table | None:
    """Return the KPIs of plans side by side, the first one's first; None for one plan alone."""
    if len(plans) < 2:
        return None
    frame = kpi_table(plans)
    rows = [
        (str(row["title"]), *(number_told(row[name], row["unit"]) for name in plans))
        for _, row in frame.iterrows()
    ]
    return Table((text(""), *map(number, plans)), list(rows), caption="Beside other plans")


def rules_table(plan: Plan) -> Table:
    """Return the policy's sentences, and how the plan stands to each."""
    rows = []
    for sentence in plan.record.sentences:
        mark = KEPT if sentence.kept else AT_A_COST if sentence.soft else BROKEN
        outside = (
            "" if sentence.kept else f"{sentence.violations:,} outside, by {sentence.amount:,.2f}"
        )
        rows.append((sentence.text, mark, outside))
    return Table((text("rule"), text("plan"), text("")), list(rows))


def moves_table(plan: Plan) -> Table | None:
    """Return the most valuable moves; None where there are none."""
    moves = plan.assignments[plan.assignments["moved"]]
    if moves.empty:
        return None
    shown = moves.sort_values(["expected_value", "lead_id"], ascending=[False, True])
    rows = [
        (
            str(row["lead_id"]),
            _rep(row["owner"]),
            _rep(row["rep_id"]),
            f"{row['expected_value']:,.0f}",
            _why(str(row["reason"])),
        )
        for _, row in shown.head(LONGEST).iterrows()
    ]
    columns = (
        identity("lead"),
        identity("from"),
        identity("to"),
        number(f"expected value, {plan.record.currency}"),
        text("why there"),
    )
    return Table(columns, list(rows), note=_rest(len(moves), "moves", "assignments.csv"))


def reasons_table(plan: Plan) -> Table | None:
    """Return how many leads have no rep, by reason; None where all have one."""
    counts = plan.unassigned["reason"].value_counts()
    if counts.empty:
        return None
    rows = [
        (f"{count:,}", f"leads {WITHOUT_REP.get(str(reason), words(str(reason)))}")
        for reason, count in counts.items()
    ]
    return Table((number("leads"), text("why")), list(rows))


def unassigned_table(plan: Plan) -> Table | None:
    """Return leads without a rep; None where all have one."""
    leads = plan.unassigned
    if leads.empty:
        return None
    rows = [
        (str(row["lead_id"]), _rep(row["owner"]), words(str(row["reason"])))
        for _, row in leads.head(LONGEST).iterrows()
    ]
    columns = (identity("lead"), identity("owner today"), text("why"))
    return Table(columns, list(rows), note=_rest(len(leads), "leads", "unassigned.csv"))


def prices_table(plan: Plan) -> Table | None:
    """Return where one more unit is worth most; None where it is worth nothing anywhere."""
    prices = plan.prices[plan.prices["price"].abs() > 0]
    if prices.empty:
        return None
    shown = prices.reindex(prices["price"].abs().sort_values(ascending=False, kind="stable").index)
    rows = [
        (words(str(row["resource"])), str(row["label"]), f"{row['price']:,.2f}", str(row["unit"]))
        for _, row in shown.head(DEAREST).iterrows()
    ]
    columns = (
        text("limit"),
        identity("of"),
        number(f"worth of one more, {plan.record.currency}"),
        text("unit"),
    )
    return Table(columns, list(rows), note=_rest(len(prices), "prices", "prices.parquet", DEAREST))


def issues_table(plan: Plan) -> Table | None:
    """Return what validation and compile remarked, by kind; None where there was nothing."""
    if plan.issues.empty:
        return None
    kinds = plan.issues.groupby(["severity", "code"], sort=True)
    rows = [
        (str(severity), words(str(code)), f"{found['count'].sum():,}", _first(found))
        for (severity, code), found in kinds
    ]
    columns = (text("severity"), text("remark"), number("records"), text("the first of them"))
    return Table(columns, list(rows))


def stages_table(plan: Plan) -> Table | None:
    """Return what stages before the plan proved; None where it needed none."""
    stages = plan.record.stages
    if not stages:
        return None
    rows = [
        (words(s.name), f"{s.objective:,.6g}", f"{s.bound:,.6g}", s.engine, STOPPED[s.reason])
        for s in stages
    ]
    columns = (text("stage"), number("reached"), number("best possible"), text("engine"), text(""))
    return Table(columns, list(rows), caption="Stages before the plan itself")


def _rep(rep_id: object) -> str:
    return rep_id if isinstance(rep_id, str) else NOBODY


def _first(issues: pd.DataFrame) -> str:
    """Return the first of some issues: where it is, and what was got."""
    first = issues.iloc[0]
    parts = [first[name] for name in ("table", "record", "column", "got") if pd.notna(first[name])]
    return " ".join(str(part) for part in parts if str(part))


def _why(code: str) -> str:
    return WITH_REP.get(code) or words(code)


def _rest(count: int, what: str, file: str, shown: int = LONGEST) -> str:
    """Return what tells where the rest of a table is."""
    return f"{shown:,} of {count:,} {what}; {file} has all of them." if count > shown else ""
