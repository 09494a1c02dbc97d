"""What a chart of books finds: who is full, where there is room, who lies outside the band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.charts.words import name_text, part_of, sentence, verb, word

if TYPE_CHECKING:
    import pandas as pd

    from scenarios.charts.context import Context


def books_title(frame: pd.DataFrame, unit: str, context: Context) -> str:
    """Return the finding as a sentence.

    Parameters
    ----------
    frame : as `books.books_frame` returns it, with `is_held` or without; one row or more
    unit : of the loads: hours, leads or money
    """
    has_limit = frame["limit"].notna().any()
    has_band = bool(frame[["low", "high"]].notna().any(axis=None))
    told = [_of_limits(frame)] if has_limit else []
    if has_band:
        told.append(_of_bands(frame))
    elif has_limit:
        told.append(_room(frame, unit, context))
    return sentence("; ".join(told or [_spread(frame, unit, context)]))


def _of_limits(frame: pd.DataFrame) -> str:
    limited = frame[frame["limit"].notna()]
    over, full = (int((limited["state"] == state).sum()) for state in ("over", "full"))
    if over:
        some = part_of(over, len(limited), "rep")
        return f"{some} {verb(over)} over the limit, {word(full)} {verb(full)} full"
    return f"{part_of(full, len(limited), 'rep')} {verb(full)} full"


def _room(frame: pd.DataFrame, unit: str, context: Context) -> str:
    """Return how much room there is, and in which team the most."""
    room = (frame["limit"] - frame["load"]).clip(lower=0.0)
    usable = room.mask(frame["is_held"].astype(bool), 0.0) if "is_held" in frame else room
    if float(room.sum()) > 0 and float(usable.sum()) <= 0:
        return "other limits leave nobody room"
    room, total = usable, float(usable.sum())
    if total <= 0:
        return "there is no room left"
    teams = room.groupby(frame["team"]).sum()
    if len(teams) < 2:
        return f"there is room for {context.told(total, unit)}"
    most = context.told(float(teams.max()), unit)
    return f"{name_text(teams.index[int(teams.argmax())])} has room for {most}"


def _of_bands(frame: pd.DataFrame) -> str:
    banded = frame[frame[["low", "high"]].notna().any(axis=1)]
    # A full book may lie outside its band, too, so states do not tell.
    above = int((banded["load"] > banded["high"] * (1 + 1e-6)).sum())
    below = int((banded["load"] < banded["low"] / (1 + 1e-6)).sum())
    outside = above + below
    who = part_of(outside or len(banded), len(banded), "rep")
    lie = "lies" if (outside or len(banded)) == 1 else "lie"
    if not outside:
        return f"{who} {lie} within the fair-share band"
    return f"{who} {lie} outside the fair-share band ({above:,} above, {below:,} below)"


def _spread(frame: pd.DataFrame, unit: str, context: Context) -> str:
    least, most = (
        context.told(float(value), unit) for value in (frame["load"].min(), frame["load"].max())
    )
    fullest = name_text(frame["rep"].iloc[frame["load"].argmax()])
    return f"books go from {least} to {most}; {fullest} has the largest"
