"""What is told of a contender in a week, and of all its weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from models.plan import broken_rules
from planner.kpis import gini
from scenarios.replay.contenders import RECORDED

if TYPE_CHECKING:
    from models.plan import Plan
    from models.snapshot import Snapshot
    from scenarios.replay.judge import Judge


def score(
    plan: Plan | None,
    company: Snapshot,
    deals: pd.DataFrame,
    rep_ids: pd.Series,
    judge: Judge,
    until: pd.Timestamp,
) -> dict[str, Any]:
    """Return what a contender's assignment of a week comes to.

    Parameters
    ----------
    plan : None where there is none: owners keep what they have
    company : the tables of the week
    deals : those that are open
    rep_ids : (n_deals,) whom they are with; NaN for nobody
    until : when the next plan is made
    """
    values = judge.values(deals, rep_ids)
    closing = (deals["closed_on"] < until).to_numpy()
    agrees = (rep_ids == deals["recorded"]).to_numpy(bool)
    at_work = company.reps["rep_id"][company.reps["active"] != 0]
    book = pd.DataFrame({"rep": rep_ids.to_numpy(), "value": values}).groupby("rep")["value"]
    sums = np.asarray(book.sum().reindex(at_work).fillna(0.0), np.float64)
    counts = np.asarray(book.count().reindex(at_work).fillna(0), np.float64)
    kpis = None if plan is None else plan.record.kpis
    return {
        "leads": len(deals),
        "coverage": float(rep_ids.notna().mean()),
        "expected_value": float(values.sum()),
        "own_expected_value": None if kpis is None else kpis.expected_value,
        "moves": 0 if kpis is None else kpis.moves,
        "value_gini": gini(sums),
        "count_gini": gini(counts),
        "most_leads": float(counts.max(initial=0.0)),
        "rules_broken": None if plan is None else broken_rules(plan.record),
        "closed": int(closing.sum()),
        "closed_value": float(values[closing].sum()),
        "agreed": int((closing & agrees).sum()),
        "agreed_won": int(deals["won"].to_numpy()[closing & agrees].sum()),
        "agreed_brought": float(deals["brought"].to_numpy()[closing & agrees].sum()),
    }


def summary_of(weeks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per contender: means of what stands, sums of what happens, over the weeks.

    Columns: contender, weeks, expected_value, coverage, value_gini, count_gini (means), most_leads
    (the most ever), moves, closed, closed_value, agreed, agreed_won, agreed_brought (sums),
    weeks_broken (weeks with a broken rule), weeks_without_plan, against_recorded (of
    closed_value, as a share; NaN where that is 0).
    """
    groups = weeks.groupby("contender", sort=False)
    means = groups[["expected_value", "coverage", "value_gini", "count_gini"]].mean()
    sums = groups[
        ["moves", "closed", "closed_value", "agreed", "agreed_won", "agreed_brought"]
    ].sum()
    told = means.join(groups["most_leads"].max()).join(sums)
    told.insert(0, "weeks", groups.size())
    told["weeks_broken"] = groups["rules_broken"].agg(lambda broken: int((broken > 0).sum()))
    told["weeks_without_plan"] = groups["detail"].agg(lambda detail: int((detail != "").sum()))
    recorded = told["closed_value"].get(RECORDED, np.nan)
    told["against_recorded"] = told["closed_value"] / (recorded or np.nan) - 1
    return told.reset_index()
