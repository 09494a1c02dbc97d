"""Moves as a matrix: from whom leads go to whom, nobody counted as one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from scenarios.charts.theme import (
    DARK_FROM,
    INK,
    MUTED,
    NAME,
    RAMP,
    inline,
    layered,
    names,
    statement,
    themed,
)
from scenarios.charts.words import counted, name_text

if TYPE_CHECKING:
    from models.plan import Plan
    from scenarios.charts.context import Context

REPS_AT_MOST = 25
"""More reps than these who give or get leads are told by team."""
NAMED_AT_MOST = {"rep": 25, "team": 15}
"""So many rows and columns have names; those with the fewest leads are one."""
CELL, TALLEST_MATRIX, WIDEST_MATRIX = 36.0, 430.0, 620.0
"""Pixels."""
NOBODY, REST, TOTAL = "nobody", "all others", "in all"
NO_TEAM = "no team"


def flows_frame(plan: Plan) -> pd.DataFrame:
    """Return one row per giver and taker: giver, taker, leads, value (money), within, by.

    `by` is rep or team; `within` is how many of the leads move within a team, where told by team.

    A lead that nobody owned and somebody gets is given by nobody; what a rep loses to nobody has
    no value any more. By team where more than 25 reps give or get; leads that move within a team
    then stand at the team itself.
    """
    leads = plan.assignments
    changed = leads[leads["moved"].astype(bool) | (leads["owner"].isna() & leads["rep_id"].notna())]
    pairs = pd.DataFrame(
        {
            "giver": changed["owner"].astype(object).where(changed["owner"].notna(), None),
            "taker": changed["rep_id"].astype(object).where(changed["rep_id"].notna(), None),
            "value": changed["expected_value"].astype(float),
        }
    )
    people = pd.concat([pairs["giver"], pairs["taker"]]).dropna().unique()
    by = "rep" if len(people) <= REPS_AT_MOST else "team"
    if by == "team":
        teams = plan.reps.set_index("rep_id")["team"]
        teams = teams.astype(object).where(teams.notna(), NO_TEAM)
        for column in ("giver", "taker"):
            known = pairs[column].notna()
            pairs.loc[known, column] = pairs.loc[known, column].map(teams).fillna(NO_TEAM)
    pairs[["giver", "taker"]] = pairs[["giver", "taker"]].fillna(NOBODY)
    flows = pairs.groupby(["giver", "taker"], as_index=False).agg(
        leads=("value", "size"), value=("value", "sum")
    )
    flows["within"] = flows["leads"].where(flows["giver"] == flows["taker"], 0)
    return _fewer(flows, NAMED_AT_MOST[by]).assign(by=by)


def _fewer(flows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return the flows with all but the names of most leads as one."""
    sizes = pd.concat([flows.groupby(column)["leads"].sum() for column in ("giver", "taker")])
    sizes = sizes.groupby(level=0).sum().sort_values(ascending=False, kind="stable")
    sizes = sizes.drop(NOBODY, errors="ignore")
    if len(sizes) <= most:
        return flows
    rest = set(sizes.index[most - 1 :])
    renamed = flows.assign(
        **{
            column: flows[column].where(~flows[column].isin(rest), REST)
            for column in ("giver", "taker")
        }
    )
    return renamed.groupby(["giver", "taker"], as_index=False)[["leads", "value", "within"]].sum()


def flows_chart(frame: pd.DataFrame, context: Context) -> alt.Chart | alt.LayerChart:
    """Return the matrix: rows give, columns get; the number is leads, darker is more value.

    Parameters
    ----------
    frame : as `flows_frame` returns it
    """
    if frame.empty:
        return statement("No lead changes hands", "Every lead stays where it is.")
    by = str(frame["by"].iloc[0])
    order = _order(frame)
    givers = [name for name in order if name in set(frame["giver"])]
    takers = [name for name in order if name in set(frame["taker"])]
    height = min(CELL, TALLEST_MATRIX / (len(givers) + 1))
    width = min(CELL, WIDEST_MATRIX / (len(takers) + 1))
    # What many have together would make every other cell pale.
    is_own = (frame["giver"] != REST) & (frame["taker"] != REST)
    darkest = float(frame.loc[is_own, "value"].max()) if is_own.any() else 0.0
    drawn = frame.assign(is_dark=is_own & (frame["value"] > DARK_FROM * darkest))
    totals = frame.groupby("giver", as_index=False)["leads"].sum().assign(taker=TOTAL)
    sums = frame.groupby("taker", as_index=False)["leads"].sum().assign(giver=TOTAL)
    margins = pd.concat([totals, sums], ignore_index=True)
    x = alt.X(
        "taker:N",
        sort=None,
        scale=alt.Scale(domain=[*takers, TOTAL]),
        axis=alt.Axis(
            title=f"to {by}", orient="top", labelAngle=-45, labelExpr=NAME, ticks=False,
            domain=False, grid=False,
        ),
    )  # fmt: skip
    y = names("giver", [*givers, TOTAL]).title(f"from {by}")
    base = alt.Chart(inline(drawn)).encode(x=x, y=y)
    own = alt.Chart(inline(drawn[is_own])).encode(x=x, y=y)
    tiles = own.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color(
            "value:Q", scale=alt.Scale(domain=[0, darkest or 1.0], range=list(RAMP)), legend=None
        )
    )
    numbers = base.mark_text().encode(
        text=alt.Text("leads:Q", format=",d"),
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(INK)),
    )
    around = (
        alt.Chart(inline(margins))
        .mark_text(color=MUTED, fontStyle="italic")
        .encode(x=x, y=y, text=alt.Text("leads:Q", format=",d"))
    )
    chart = layered([tiles, numbers, around], width * (len(takers) + 1), height * (len(givers) + 1))
    told = context.of_period(f"Leads that change hands, by {by}")
    marks = (
        f"Number: leads; darker: more expected value with the new rep, up to "
        f"{context.told(darkest)} in a cell."
    )
    return themed(chart, _title(frame, by, context), [told, marks])


def _order(frame: pd.DataFrame) -> list[str]:
    """Return the names by what they give and get, most first; nobody and the rest last."""
    sizes = pd.concat([frame.groupby(column)["leads"].sum() for column in ("giver", "taker")])
    sizes = sizes.groupby(level=0).sum().sort_values(ascending=False, kind="stable")
    last = [name for name in (REST, NOBODY) if name in sizes]
    return [*sizes.index.drop(last), *last]


def _title(frame: pd.DataFrame, by: str, context: Context) -> str:
    owned = frame[frame["giver"] != NOBODY]
    moves = int(owned["leads"].sum())
    if not moves:
        new = int(frame["leads"].sum())
        return f"No owned lead moves; {counted(new, 'lead')} without an owner get a rep"
    verb = "moves" if moves == 1 else "move"
    title = f"{counted(moves, 'owned lead')} {verb}"
    if by == "team":
        title += f", {int(owned['within'].sum()):,} of them within a team"
    lost = int(owned.loc[owned["taker"] == NOBODY, "leads"].sum())
    if lost:
        title += f", {lost:,} to nobody"
    between = owned[(owned["giver"] != owned["taker"]) & ~owned["taker"].isin((NOBODY, REST))]
    between = between[between["giver"] != REST]
    if between.empty:
        return title
    most = between.iloc[int(between["leads"].argmax())]
    worth = context.told(float(most["value"]))
    largest = f"{name_text(most['giver'])} to {name_text(most['taker'])}"
    leads = counted(int(most["leads"]), "lead")
    return f"{title}; the largest flow shown is {largest} ({leads}, {worth})"
