"""Expected value by region, team or grade, of one plan or of two beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd

from models.errors import UsageError
from scenarios.charts.theme import (
    BLUE,
    FAINT,
    NORMAL,
    WIDTH,
    colours,
    inline,
    layered,
    names,
    number_axis,
    row_height,
    statement,
    themed,
)
from scenarios.charts.words import difference, name_text, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.plan import Plan
    from scenarios.charts.context import Context

LARGEST = 12
"""How many groups are drawn on their own."""
PLANS_AT_MOST = 2
LEVEL = 5e-5
"""Values whose ratio is nearer to 1 are the same for people."""
KINDS = ("region", "team", "grade")


def values_frame(
    plans: Mapping[str, Plan], by: str = "region", largest: int = LARGEST
) -> pd.DataFrame:
    """Return one row per group and plan: group, plan, value (money), is_rest.

    The groups worth most in the first plan come first; all beyond the largest are one row.

    Raises
    ------
    UsageError : groups of a kind that no plan has
    """
    if by not in KINDS:
        raise UsageError(f"values are told by {', '.join(KINDS)}, not by {by!r}")
    table = pd.DataFrame(
        {
            name: pd.Series(
                {
                    g.name or f"no {by}": g.expected_value
                    for g in plan.record.kpis.groups
                    if g.by == by
                },
                dtype=float,
            )
            for name, plan in plans.items()
        }
    ).fillna(0.0)
    table = table.sort_index().sort_values(list(table.columns[:1]), ascending=False, kind="stable")
    own, rest = table.iloc[:largest], table.iloc[largest:]
    if len(rest) == 1:
        own, rest = table, table.iloc[:0]
    parts = [own.assign(is_rest=False)]
    if len(rest):
        summed = rest.sum().to_frame(f"{len(rest):,} others").T
        parts.append(summed.assign(is_rest=True))
    groups = pd.concat(parts).rename_axis("group").reset_index()
    long = groups.melt(["group", "is_rest"], list(plans), var_name="plan", value_name="value")
    order = {group: at for at, group in enumerate(groups["group"])}
    long = long.sort_values("group", key=lambda group: group.map(order), kind="stable")
    return long[["group", "plan", "value", "is_rest"]].reset_index(drop=True)


def values_chart(
    frame: pd.DataFrame, context: Context, by: str = "region"
) -> alt.Chart | alt.LayerChart:
    """Return bars of expected value, the largest first; of two plans, a pair for each group.

    Parameters
    ----------
    frame : as `values_frame` returns it
    by : what the groups are

    Raises
    ------
    UsageError : more than two plans
    """
    plans = list(dict.fromkeys(frame["plan"]))
    if len(plans) > PLANS_AT_MOST:
        raise UsageError(
            f"values are drawn of one plan or of two beside each other, not of {len(plans)}; "
            "choose two of them"
        )
    if not frame["value"].any():
        return statement("No expected value to draw", f"No {by} has a lead with a rep.")
    measure = context.of_period(f"Expected value by {by}, {context.currency}")
    told = [measure]
    if len(plans) == PLANS_AT_MOST:
        told.append(f"Percentages: against {name_text(plans[0])}.")
    if frame["is_rest"].any():
        told.append("The others have no bar: what they bring together is written.")
    return themed(_bars(frame, plans, context), _title(frame, plans, by, context), told)


def _bars(frame: pd.DataFrame, plans: list[str], context: Context) -> alt.LayerChart:
    groups = list(dict.fromkeys(frame["group"]))
    base_value = frame["group"].map(frame[frame["plan"] == plans[0]].set_index("group")["value"])
    drawn = frame.assign(
        label=[
            _label(value, base, context, is_first=plan == plans[0])
            for value, base, plan in zip(frame["value"], base_value, frame["plan"], strict=True)
        ]
    )
    # What many small groups have together would dwarf each of the large ones.
    drawn["bar"] = drawn["value"].where(~drawn["is_rest"], 0.0)
    most = float(drawn["bar"].max()) * 1.24
    x = alt.X(
        "bar:Q",
        scale=alt.Scale(domain=[0, most], nice=False),
        axis=number_axis(context.currency),
    )
    base = alt.Chart(inline(drawn)).encode(x=x, y=names("group", groups))
    height = row_height(len(groups), highest=26 if len(plans) == 1 else 40)
    bars = base.mark_bar()
    text = base.mark_text(align="left", dx=5).encode(text="label:N")
    if len(plans) == 1:
        layers = [bars.encode(color=alt.value(BLUE)), text]
    else:
        offset = alt.YOffset("plan:N", sort=None, scale=alt.Scale(domain=plans))
        of_plan = dict(zip(plans, (FAINT, BLUE), strict=True))
        colour = alt.Color(
            "plan:N",
            scale=colours(of_plan),
            sort=None,
            legend=alt.Legend(orient="top", title=None, labelFontSize=NORMAL, symbolType="square"),
        )
        layers = [bars.encode(color=colour, yOffset=offset), text.encode(yOffset=offset)]
    return layered(layers, WIDTH, height * len(groups))


def _label(value: float, base: float, context: Context, *, is_first: bool) -> str:
    told = context.told(value)
    if is_first or base <= 0:
        return told
    change = value / base - 1
    if abs(change) < LEVEL:
        return told
    sign = "+" if change >= 0 else "−"  # noqa: RUF001 (a minus sign, for people)
    return f"{told} ({sign}{percent(abs(change))})"


def _title(frame: pd.DataFrame, plans: list[str], by: str, context: Context) -> str:
    totals = frame.groupby("plan")["value"].sum()
    first = frame[(frame["plan"] == plans[0])]
    if len(plans) == 1:
        own = first[~first["is_rest"]]
        top = own.iloc[int(own["value"].argmax())]
        total = float(totals[plans[0]])
        share = percent(float(top["value"]) / total)
        name = ("Grade " if by == "grade" else "") + name_text(top["group"])
        if len(first) == 1:
            return f"{name} brings all of {context.told(total)}"
        return f"{name} brings most, {share} of {context.told(total)}"
    second = frame[frame["plan"] == plans[1]]
    one, two = float(totals[plans[0]]), float(totals[plans[1]])
    against = difference(two, one)
    title = f"{name_text(plans[1])} is {against} {name_text(plans[0])}"
    change = second.set_index("group")["value"] - first.set_index("group")["value"]
    named = change[~second.set_index("group")["is_rest"]]
    if not named.any():
        return title
    group = str(named.index[int(named.abs().argmax())])
    more = "more" if named[group] > 0 else "less"
    much = context.told(abs(float(named[group])))
    return f"{title}; the largest difference is {name_text(group)}: {much} {more}"
