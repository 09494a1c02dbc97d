"""A plan of this machine, with what it was made from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.client.plan import OTHERS
from planner.explain.why import why
from planner.explain.why_not import why_not
from planner.planned import Planned

if TYPE_CHECKING:
    import pandas as pd

    from models.explanation import WhyNot, WhyRep
    from models.plan import Plan, PlanRecord
    from models.snapshot import Snapshot
    from planner.policy import Policy


class LocalPlan:
    """A plan beside the tables and the policy that it was made from.

    Parameters
    ----------
    snapshot, policy : the plan's own, word for word
    plan : feasible, if it is to be asked why
    """

    def __init__(self, snapshot: Snapshot, policy: Policy, plan: Plan) -> None:
        self._snapshot, self._policy, self._plan = snapshot, policy, plan

    @property
    def record(self) -> PlanRecord:
        """What plan.json holds."""
        return self._plan.record

    @property
    def assignments(self) -> pd.DataFrame:
        """One row per lead."""
        return self._plan.assignments

    @property
    def reps(self) -> pd.DataFrame:
        """One row per rep."""
        return self._plan.reps

    @property
    def prices(self) -> pd.DataFrame:
        """One row per limit and group."""
        return self._plan.prices

    @property
    def issues(self) -> pd.DataFrame:
        """What validation and compile remarked."""
        return self._plan.issues

    @property
    def policy_text(self) -> str:
        """The policy as it was written."""
        return self._plan.policy_text

    @property
    def unassigned(self) -> pd.DataFrame:
        """The leads that nobody works, with the reason."""
        return self._plan.unassigned

    def why(self, lead_id: str, *, others: int = OTHERS) -> WhyRep:
        """Return why a lead is where the plan has it; UsageError if there is no such lead."""
        return why(self._planned, lead_id, others=others)

    def why_not(self, lead_id: str, rep_id: str) -> WhyNot:
        """Return why a lead is not with a rep; UsageError if there is no such lead or rep."""
        return why_not(self._planned, lead_id, rep_id)

    @cached_property
    def _planned(self) -> Planned:
        return Planned(self._snapshot, self._policy, self._plan)
