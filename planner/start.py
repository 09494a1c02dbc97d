"""An earlier plan, or any table of who works what, as positions and as the start of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.errors import PlanFileError
from models.plan import Plan
from planner.engines.engine import Start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.outcome import Prices
    from models.problem import Problem
    from planner.compile import Compiled

TOLD_AT_MOST = 5


def start_of(compiled: Compiled, start: Plan | pd.DataFrame) -> Start:
    """Return the pairs of an earlier plan, and its prices where the limits have the same names.

    Where a pair no longer exists, the row's last one stands in.
    """
    problem = compiled.problem
    assignments = start.assignments if isinstance(start, Plan) else start
    rep_of_lead = positions(compiled, assignments, strict=False)
    wanted = np.full(problem.num_rows, -1, np.int64)
    wanted[compiled.row_of_lead[::-1]] = rep_of_lead[::-1]
    row = problem.pair_rows()
    kept = np.flatnonzero(problem.rep == wanted[row])
    chosen: NDArray[np.int64] = problem.indptr[1:] - 1
    chosen[row[kept]] = kept
    return Start(chosen, _start_prices(compiled, start.prices) if isinstance(start, Plan) else None)


def _start_prices(compiled: Compiled, table: pd.DataFrame) -> tuple[NDArray[np.float64], ...]:
    """Return the prices of an earlier plan; 0 for groups that it had not."""
    known = table.drop_duplicates(["resource", "label"]).set_index(["resource", "label"])["price"]
    prices = []
    for resource, labels in zip(compiled.problem.resources, compiled.labels, strict=True):
        wanted = pd.MultiIndex.from_product([[resource.name], labels])
        prices.append(known.reindex(wanted).fillna(0.0).to_numpy(np.float64))
    return tuple(prices)


def carried(
    prices: Prices | None, known: Problem, problem: Problem
) -> tuple[NDArray[np.float64], ...] | None:
    """Return prices of a known problem for one with other limits, matched by name; 0 for new ones.

    None where there are none.
    """
    if prices is None:
        return None
    names = [resource.name for resource in known.resources]
    by_name = dict(zip(names, prices.by_resource, strict=True))
    return tuple(
        by_name.get(resource.name, np.zeros(resource.num_groups)) for resource in problem.resources
    )


def positions(compiled: Compiled, assignments: pd.DataFrame, *, strict: bool) -> NDArray[np.int64]:
    """Return (n_leads,) position of each lead's rep; -1 for nobody."""
    missing = [column for column in ("lead_id", "rep_id") if column not in assignments]
    if missing:
        raise PlanFileError(
            f"the assignments have no column {' or '.join(missing)}; "
            f"they have {', '.join(map(str, assignments.columns))}"
        )
    leads = pd.Index(compiled.snapshot.leads["lead_id"])
    reps = pd.Index(compiled.snapshot.reps["rep_id"])
    assigned = assignments["rep_id"].notna() & (assignments["rep_id"] != "")
    lead = leads.get_indexer(assignments["lead_id"])
    rep = np.where(assigned, reps.get_indexer(assignments["rep_id"]), -1)
    if strict:
        _refuse_unknown(assignments, lead < 0, assigned.to_numpy() & (rep < 0))
    rep_of_lead = np.full(len(leads), -1, np.int64)
    rep_of_lead[lead[lead >= 0]] = rep[lead >= 0]
    return rep_of_lead


def _refuse_unknown(
    assignments: pd.DataFrame, no_lead: NDArray[np.bool_], no_rep: NDArray[np.bool_]
) -> None:
    faults = [
        ("unknown lead_id", assignments["lead_id"][no_lead]),
        ("unknown rep_id", assignments["rep_id"][no_rep]),
        ("lead_id given twice", assignments["lead_id"][assignments["lead_id"].duplicated()]),
    ]
    told = [
        f"{len(ids):,} x {what}: {', '.join(map(str, ids[:TOLD_AT_MOST]))}"
        + (" ..." if len(ids) > TOLD_AT_MOST else "")
        for what, ids in faults
        if len(ids)
    ]
    if told:
        raise PlanFileError("the assignments do not fit the tables: " + "; ".join(told))
