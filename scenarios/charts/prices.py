"""What one more unit of each limit is worth, as a heat map of reps, or of teams where many."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from scenarios.charts.theme import (
    DARK_FROM,
    INK,
    RAMP,
    inline,
    layered,
    names,
    row_height,
    statement,
    themed,
)
from scenarios.charts.words import counted, name_text, part_of, sentence, short, verb

if TYPE_CHECKING:
    from models.plan import Plan
    from scenarios.charts.context import Context

REPS_AT_MOST = 40
TEAMS_AT_MOST = 30
HEADING_COLUMNS = 18
LINE = 14
"""Pixels from one line of a heading to the next; they run down from where one line would stand."""
LINES = r"split(datum.label, '\n')"
RESOURCES_AT_MOST = 6
"""The limits with the highest prices are drawn."""
SMALLEST_MONEY = 0.005
PRICE = " price"
HOURS = "effort_hours"
NO_TEAM = "no team"


def prices_frame(plan: Plan) -> pd.DataFrame:
    """Return one row per rep and limit: rep, team, limit, price (money for one more unit), unit.

    Limits whose price is 0 for everybody are left out, as are those beyond the six dearest.
    """
    reps = plan.reps[plan.reps["active"].astype(bool)]
    columns = [name for name in reps.columns if name.endswith(PRICE)]
    columns = [name for name in columns if (reps[name].abs() > SMALLEST_MONEY).any()]
    highest = reps[columns].max().sort_values(ascending=False, kind="stable")
    columns = [str(name) for name in highest.index[:RESOURCES_AT_MOST]]
    parts = [
        pd.DataFrame(
            {
                "rep": reps["rep_id"].astype(str),
                "team": reps["team"].astype(object).where(reps["team"].notna(), None),
                "limit": name.removesuffix(PRICE),
                "price": reps[name].astype(float),
                "unit": _unit(name.removesuffix(PRICE)),
            }
        )
        for name in columns
    ]
    empty = pd.DataFrame(columns=["rep", "team", "limit", "price", "unit"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def _unit(limit: str) -> str:
    """Return what one more unit of a limit is; names of limits begin with their measure."""
    if limit.startswith(HOURS):
        return "hour a week"
    return "lead" if limit.startswith("count") else "unit of money"


def prices_chart(frame: pd.DataFrame, context: Context) -> alt.Chart | alt.LayerChart:
    """Return the heat map: blank where one more is worth nothing.

    Parameters
    ----------
    frame : as `prices_frame` returns it
    """
    if frame.empty:
        return statement(
            "No limit is tight", "One more hour or lead of room would add nothing for any rep."
        )
    about = context.of_period(
        f"What one more unit of a limit could add to the score, {context.currency}"
    )
    title = _title(frame, context)
    if frame["rep"].nunique() <= REPS_AT_MOST:
        cells = frame.rename(columns={"rep": "row"}).assign(column=_headings(frame))
        marks = "Blank: nothing. Darker: dearer within the column."
        return themed(_tiles(cells, width=130), title, [about, marks])
    teams, left_out = _by_team(frame)
    marks = "By team: the mean over its reps, and the dearest of them. Blank: nothing."
    if left_out:
        marks += f" {counted(left_out, 'cheaper team')} left out."
    return themed(_tiles(teams, width=110), title, [about, marks])


def _headings(frame: pd.DataFrame) -> pd.Series:
    """Return what stands over a column of a limit."""
    limits = {
        limit: "\n".join(textwrap.wrap(limit.replace("_", " "), HEADING_COLUMNS))
        for limit in frame["limit"].unique()
    }
    return frame["limit"].map(limits) + "\nper " + frame["unit"]


def _by_team(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return mean and highest price by team and limit, and how many teams are left out."""
    teams = frame.assign(row=frame["team"].fillna(NO_TEAM), heading=_headings(frame))
    grouped = teams.groupby(["row", "heading"], as_index=False, sort=False)["price"]
    parts = []
    for kind, found in (("mean", grouped.mean()), ("highest", grouped.max())):
        parts.append(found.assign(column=found["heading"] + f"\n{kind}"))
    order = {heading: at for at, heading in enumerate(dict.fromkeys(teams["heading"]))}
    both = pd.concat(parts, ignore_index=True)
    both = both.sort_values("heading", key=lambda names: names.map(order), kind="stable")
    dear = both.groupby("row")["price"].max().sort_values(ascending=False, kind="stable")
    return both[both["row"].isin(dear.index[:TEAMS_AT_MOST])], max(len(dear) - TEAMS_AT_MOST, 0)


def _tiles(cells: pd.DataFrame, width: int) -> alt.LayerChart:
    """Return a tile for each row and column; columns differ in units, so each has its own ramp."""
    columns = list(dict.fromkeys(cells["column"]))
    dearest = cells.groupby("column")["price"].transform("max")
    part = (cells["price"] / dearest.where(dearest > 0)).fillna(0.0)
    rows = part.groupby(cells["row"]).sum().sort_values(ascending=False, kind="stable").index
    drawn = cells.assign(
        part=part,
        is_dark=part > DARK_FROM,
        label=[short(float(price)) for price in cells["price"]],
    )[cells["price"] > SMALLEST_MONEY]
    lines = 1 + max(name.count("\n") for name in columns)
    x = alt.X(
        "column:N",
        sort=None,
        scale=alt.Scale(domain=columns),
        axis=alt.Axis(
            title=None, orient="top", labelAngle=0, labelLimit=width, labelLineHeight=LINE,
            labelPadding=LINE * (lines - 1) + 4,
            labelExpr=LINES, ticks=False, domain=False, grid=False,
        ),
    )  # fmt: skip
    base = alt.Chart(inline(drawn)).encode(x=x, y=names("row", list(rows)))
    tiles = base.mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color("part:Q", scale=alt.Scale(domain=[0, 1], range=list(RAMP)), legend=None)
    )
    text = base.mark_text().encode(
        text="label:N",
        color=alt.condition("datum.is_dark", alt.value("white"), alt.value(INK)),
    )
    return layered([tiles, text], width * len(columns), row_height(len(rows)) * len(rows))


def _title(frame: pd.DataFrame, context: Context) -> str:
    dearest = frame.iloc[int(frame["price"].argmax())]
    tight = int((frame.groupby("rep")["price"].max() > SMALLEST_MONEY).sum())
    some = part_of(tight, frame["rep"].nunique(), "rep")
    price = context.told(float(dearest["price"]))
    whose = name_text(dearest["rep"])
    if " where " in dearest["limit"]:
        whose += f" ({name_text(dearest['limit']).partition(' ')[2]})"
    one = f"one more {dearest['unit']} of {whose} is worth {price}"
    at = f"{some} {verb(tight)} held back by a limit"
    return sentence(f"{at}; {one}, the most of all")
