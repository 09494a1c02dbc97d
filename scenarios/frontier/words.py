"""A frontier in words: what its ends are, where it bends, and what the gaps leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.outcome import OPTIMAL_MONEY
from scenarios.frontier.frontier import ALIKE
from scenarios.what_if.run_many import IMPOSSIBLE, SOLVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from scenarios.frontier.axis import Axis
    from scenarios.frontier.frontier import Frontier
    from scenarios.frontier.points import Knee


def sentences(frontier: Frontier) -> list[str]:
    """Return what a frontier says, in plain English, the most important first."""
    frame = frontier.frame
    solved = frontier.solved
    if len(frontier.axes) > 1:
        return [*_of_grid(solved), *_unproved(frontier, solved)]
    (axis,) = frontier.axes
    if len(solved) < 2:
        (only,) = solved["epsilon"]
        end = f"Nothing is to be traded: without a limit the plan takes {axis.told(only)}"
        return [f"{end}, and no other limit holds a plan." if len(frame) > 1 else f"{end}."]
    bend = frontier.knee
    first = (
        list(_without_knee(axis, solved, frontier.currency))
        if bend is None
        else list(_of_knee(axis, frame, bend, frontier.currency))
    )
    return [
        *first,
        *_narrow_end(axis, frame),
        *_overloaded(axis, solved),
        *_unproved(frontier, solved),
    ]


def _of_knee(axis: Axis, frame: pd.DataFrame, bend: Knee, currency: str) -> Iterator[str]:
    rows = frame.to_dict("records")
    at, first, last = rows[bend.number], rows[bend.first], rows[bend.last]
    before = _money(bend.before * axis.per, currency)
    beyond = _money(bend.beyond * axis.per, currency)
    rest = f"only {beyond}" if bend.beyond > 0 else "nothing more"
    if bend.beyond > 0 and last["objective"] <= at["bound"]:
        rest += ", which lies within the gap"
    lower = f"From {axis.told(first['epsilon'])} up" if first["epsilon"] > 0 else "Up"
    yield f"{lower} to {axis.told(at['epsilon'])}, {axis.each} brings {before}; beyond, {rest}."
    most = frame.loc[frame["is_efficient"], "expected_value"].max()
    share = f", {at['expected_value'] / most:.1%} of the most" if most > 0 else ""
    yield (
        f"The plan there, {at['scenario']}, has an expected value of "
        f"{_money(at['expected_value'], currency)}{share}."
    )
    if not bend.is_proved:
        yield (
            "The gaps of the plans are too wide to prove this bend; a smaller gap or a longer time "
            "limit may move it."
        )


def _without_knee(axis: Axis, solved: pd.DataFrame, currency: str) -> Iterator[str]:
    """Yield what moving the limit brings where nothing bends; nothing of a plan that stands alone.

    Only plans that leave as little above limits as can be are of one problem.
    """
    alike = solved["overload"] <= solved["overload"].min() + ALIKE
    kept = solved[solved["is_efficient"] & alike]
    first, last = kept.iloc[0], kept.iloc[-1]
    wide = last["epsilon"] - first["epsilon"]
    gain = last["objective"] - first["objective"]
    if alike.sum() < 2:
        return
    if wide <= 0 or gain <= OPTIMAL_MONEY:
        yield f"More than {axis.told(first['epsilon'])} brings nothing."
        return
    each = _money(gain / wide * axis.per, currency)
    yield (
        f"There is no bend: {axis.each} between {axis.told(first['epsilon'])} and "
        f"{axis.told(last['epsilon'])} brings about {each}."
    )


def _narrow_end(axis: Axis, frame: pd.DataFrame) -> Iterator[str]:
    """Yield which limit is the narrowest that holds, where a narrower one did not."""
    least = frame.loc[frame["status"] == SOLVED, "epsilon"].min()
    below = frame[frame["epsilon"] < least]
    if len(below):
        nearest = below.iloc[-1]
        told = axis.told(nearest["epsilon"])
        why = (
            f"{told} is impossible"
            if nearest["status"] == IMPOSSIBLE
            else f"under {told}, no plan was found"
        )
        yield f"The narrowest limit that holds a plan is {axis.told(least)}; {why}."


def _overloaded(axis: Axis, solved: pd.DataFrame) -> Iterator[str]:
    """Yield from which limit on as little stays above limits as can."""
    more = solved["overload"] > solved["overload"].min() + ALIKE
    if more.any():
        wide = axis.told(solved.loc[~more, "epsilon"].min())
        yield (
            f"In {_plans(int(more.sum()))} books stay farther over a limit than they must: they "
            f"exceed it today, and with less than {wide} they did not come down as far. Bringing "
            "them down goes before value, so these plans are no part of the bend."
        )


def _of_grid(solved: pd.DataFrame) -> Iterator[str]:
    kept = int(solved["is_efficient"].sum())
    yield (
        f"{kept} of {len(solved)} plans are efficient: no other keeps both limits as close and "
        "brings as much."
    )


def _unproved(frontier: Frontier, solved: pd.DataFrame) -> Iterator[str]:
    """Yield which plans are kept only because their gaps leave open what is possible."""
    values = solved["objective"].to_numpy(float)
    costs = solved[[*frontier.epsilons, "overload"]].to_numpy(float)
    no_dearer = (costs[None, :, :] <= costs[:, None, :]).all(axis=2)
    beaten = (no_dearer & (values[None, :] > values[:, None] + OPTIMAL_MONEY)).any(axis=1)
    open_ones = solved[beaten & solved["is_efficient"].to_numpy(bool)]
    if len(open_ones):
        names, verb = ", ".join(open_ones["scenario"]), "bring" + "s" * (len(open_ones) == 1)
        widest = _money(float(open_ones["gap_money"].max()), frontier.currency)
        yield (
            f"Differences of up to {widest} lie within the gaps: {names} {verb} less than a plan "
            "under narrower limits, but may have stopped too early."
        )


def _plans(count: int) -> str:
    return f"{count} plan{'' if count == 1 else 's'}"


def _money(value: float, currency: str) -> str:
    return f"{value:,.0f} {currency}" if abs(value) >= 10 else f"{value:,.2f} {currency}"
