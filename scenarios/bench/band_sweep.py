"""Plans of one company with ever narrower bands around fair shares, under a budget of moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from models.errors import NoPlanError
from models.units import share_text
from planner.check import check
from planner.compile import compile_problem
from planner.engines.registry import AUTO, choose_engine
from planner.measures import Measure
from planner.rules.at_most_moves import AtMostMoves
from planner.rules.fairness import Fairness, Mode
from planner.stages import totals_of
from planner.start import start_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from models.outcome import Limits
    from planner.engines.engine import Progress, Watcher
    from planner.policy import Policy
    from scenarios.bench.contenders import Contender

COST = 1.0
"""Money for each unit of expected value outside a band: as much as the value itself."""


@dataclass(frozen=True, eq=False)
class Swept:
    """A plan of a sweep.

    Attributes
    ----------
    within : the band, as a share of the fair share; None without one
    rep_of_lead : (n_leads,) position of each lead's rep; -1 for nobody
    """

    within: float | None
    rep_of_lead: NDArray[np.int64]


class Hushed:
    """Passes on that a run is to stop, and nothing of what an engine tells."""

    def __init__(self, watcher: Watcher) -> None:
        self.should_stop = watcher.should_stop

    def report(self, progress: Progress) -> None:
        """Take no note."""


def sweep(
    company: Contender,
    bands: tuple[float, ...],
    start: NDArray[np.int64],
    limits: Limits,
    watcher: Watcher,
) -> Iterator[Swept]:
    """Yield the plan without a band, then one for each band, solved in this process.

    A plan may move as many leads as the assignment it begins with. All bands are around shares of
    what the plan without one holds.

    Parameters
    ----------
    start : (n_leads,) position of each lead's rep in an assignment that keeps the limits
    """
    ownership = company.learned.ownership
    budget = int((ownership.moved(start) & ~ownership.forced(start)).sum())
    free = replace(company.policy, at_most_moves=AtMostMoves(total=budget))
    without = _solved(company, free, start, start, limits, watcher)
    yield Swept(None, without)
    last = without
    for within in bands:
        banded = replace(free, fairness=(_band(company, within),))
        last = _solved(company, banded, without, last, limits, watcher)
        yield Swept(within, last)


def _band(company: Contender, within: float) -> Fairness:
    return Fairness.model_validate(
        {
            "measure": Measure.EXPECTED_VALUE,
            "share_by": company.weight_column,
            "within": share_text(within),
            "mode": Mode.SOFT,
            "cost": COST,
        }
    )


def _solved(
    company: Contender,
    policy: Policy,
    reference: NDArray[np.int64],
    start: NDArray[np.int64],
    limits: Limits,
    watcher: Watcher,
) -> NDArray[np.int64]:
    """Return (n_leads,) position of each lead's rep in the plan of a policy; checked as any plan.

    Parameters
    ----------
    reference : (n_leads,) the assignment that fair totals are taken from
    start : (n_leads,) an assignment that keeps the limits
    """
    snapshot = company.learned.snapshot
    compiled = compile_problem(snapshot, policy, threads=limits.threads)
    if policy.fairness:
        settled = totals_of(compiled, reference)
        compiled = compile_problem(snapshot, policy, settled=settled, threads=limits.threads)
    begin = start_of(compiled, _table(company, start))
    problem = compiled.problem
    outcome = choose_engine(AUTO, problem).solve(problem, limits, begin, Hushed(watcher))
    rep_of_lead = compiled.rep_of_leads(outcome.assignment())
    if found := check(policy, snapshot, _table(company, rep_of_lead), compiled.settled):
        raise NoPlanError(f"{company.name}: the checker refuses a plan: {found[0].text}")
    return rep_of_lead


def _table(company: Contender, rep_of_lead: NDArray[np.int64]) -> pd.DataFrame:
    """Return lead_id and rep_id of an assignment."""
    snapshot = company.learned.snapshot
    rep_id = snapshot.reps["rep_id"].array.take(rep_of_lead, allow_fill=True)
    return pd.DataFrame({"lead_id": snapshot.leads["lead_id"], "rep_id": pd.Series(rep_id)})
