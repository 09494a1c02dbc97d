"""Frames of what draws tell: every draw, a summary, broken promises, and plans in pairs."""

from __future__ import annotations

import math
from functools import reduce
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scenarios.robustness.figures import COMPARED, FIGURES
from scenarios.robustness.promises import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from models.arrays import Floats
    from scenarios.robustness.contender import Contender, Fate
    from scenarios.robustness.promises import Promise

    Told = Mapping[str, Mapping[str, Floats]]
    """Per plan and metric (n_draws,) values."""

QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
NORMAL_95 = 1.959963984540054
"""The mean of so many draws is as good as normal; 95 % of it lies within so many deviations."""
ANY = ""
"""Stands for any of the holders of a promise."""


def outcomes_table(told: Told) -> pd.DataFrame:
    """Return plan, draw, metric, value."""
    parts = [
        pd.DataFrame(
            {"plan": plan, "draw": np.arange(len(values)), "metric": metric, "value": values}
        )
        for plan, metrics in told.items()
        for metric, values in metrics.items()
    ]
    return pd.concat(parts, ignore_index=True)


def summary_table(told: Told, contenders: Sequence[Contender]) -> pd.DataFrame:
    """Return per plan and metric what was planned, the mean and quantiles."""
    rows: list[dict[str, Any]] = []
    for contender in contenders:
        planned = contender.as_planned().told
        for figure in FIGURES:
            values = told[contender.name][figure.name]
            row = {
                "plan": contender.name,
                "metric": figure.name,
                "title": figure.title,
                "unit": figure.unit,
                "planned": float(planned[figure.name][0]),
                "mean": float(values.mean()),
            }
            quantiles = zip(QUANTILES, np.quantile(values, list(QUANTILES.values())), strict=True)
            rows.append(row | {name: float(value) for name, value in quantiles})
    return pd.DataFrame(rows)


def promises_table(
    contenders: Sequence[Contender], fates: Sequence[Sequence[Fate]]
) -> pd.DataFrame:
    """Return per plan and promise how likely it breaks, for any holder and for each at risk."""
    rows: list[dict[str, Any]] = []
    for contender, found in zip(contenders, fates, strict=True):
        planned = contender.as_planned().tallies
        for number, promise in enumerate(contender.promises):
            tally = reduce(Tally.plus, (fate.tallies[number] for fate in found))
            head = {
                "plan": contender.name,
                "rule": promise.label,
                "sentence": promise.sentence,
                "soft": promise.soft,
            }
            rows += (head | row for row in _holders(promise, planned[number].total, tally))
    columns = ["plan", "rule", "sentence", "soft", "holder", "unit", "planned", "probability"]
    return pd.DataFrame(rows, columns=[*columns, "mean_outside"])


def _holders(promise: Promise, planned: Floats, tally: Tally) -> Iterator[dict[str, Any]]:
    """Yield a row for any holder, then one for each that is ever outside, the likeliest first."""
    likely, mean = tally.count / tally.draws, tally.total / tally.draws

    def row(holder: str, planned: float, probability: float, mean: float) -> dict[str, Any]:
        figures = {"planned": planned, "probability": probability, "mean_outside": mean}
        return {"holder": holder, "unit": promise.unit} | figures

    yield row(ANY, float(planned.sum()), tally.any / tally.draws, float(mean.sum()))
    for at in np.argsort(-likely, kind="stable"):
        if likely[at] > 0:
            yield row(promise.holders[at], float(planned[at]), float(likely[at]), float(mean[at]))


def differences_table(told: Told) -> pd.DataFrame:
    """Return per metric and pair of plans what the second has more than the first, draw by draw."""
    rows: list[dict[str, Any]] = []
    for figure in COMPARED:
        for first, second in combinations(told, 2):
            difference = told[second][figure.name] - told[first][figure.name]
            mean = float(difference.mean())
            reach = NORMAL_95 * float(difference.std(ddof=1)) / math.sqrt(len(difference))
            rows.append(
                {
                    "metric": figure.name,
                    "title": figure.title,
                    "unit": figure.unit,
                    "plan": second,
                    "against": first,
                    "mean": mean,
                    "low": mean - reach,
                    "high": mean + reach,
                    "more": float((difference > 0).mean()),
                    "equal": float((difference == 0).mean()),
                    "less": float((difference < 0).mean()),
                }
            )
    columns = ["metric", "title", "unit", "plan", "against", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "more", "equal", "less"])
