"""All contenders play a week: each with the owners that it made itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.errors import NoPlanError
from scenarios.replay.contenders import RECORDED, assigned
from scenarios.replay.past import as_it_was
from scenarios.replay.scores import score

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.outcome import Limits
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from scenarios.replay.deals import Deals
    from scenarios.replay.judge import Judge


@dataclass(frozen=True, eq=False)
class Players:
    """Contenders, and what they all work on.

    Attributes
    ----------
    names : of the contenders
    snapshot : the company at the end, of which each week shows the part that was known
    policy : what they keep, and learn by
    deals : that come and go
    judge : values what they do
    limits : of each plan
    """

    names: tuple[str, ...]
    snapshot: Snapshot
    policy: Policy
    deals: Deals
    judge: Judge
    limits: Limits

    def play(
        self, start: pd.Timestamp, until: pd.Timestamp, owners: Mapping[str, Mapping[str, str]]
    ) -> tuple[list[dict[str, Any]], pd.DataFrame]:
        """Return a row per contender, and week, contender, lead_id, rep_id of who has what.

        Parameters
        ----------
        start : the beginning of the week; until : of the next
        owners : per contender, rep_id by lead_id; where no plan is found, they keep their leads
        """
        leads, day = self.deals.open_at(start), start.date().isoformat()
        rows: list[dict[str, Any]] = []
        columns = ["week", "contender", "lead_id", "rep_id"]
        tables = [pd.DataFrame(columns=columns, dtype="str")]
        recorded = leads[["lead_id", "recorded"]].rename(columns={"recorded": "rep_id"})
        for name in self.names if len(leads) else ():
            # Who worked a lead in truth is its owner there from its first day on.
            owner = owners_of(recorded) if name == RECORDED else owners[name]
            company = as_it_was(self.snapshot, leads, start, owner, self.policy.columns())
            plan, detail, rep_of = None, "", dict(owner)
            try:
                plan = assigned(name, company, self.policy, recorded, self.limits)
                rep_of = owners_of(plan.assignments)
            except NoPlanError as error:
                detail = str(error)
            given = pd.DataFrame(
                {
                    "week": day,
                    "contender": name,
                    "lead_id": leads["lead_id"],
                    "rep_id": leads["lead_id"].map(rep_of).astype("str"),
                }
            )
            told = score(plan, company, leads, given["rep_id"], self.judge, until)
            rows.append({"week": day, "contender": name, **told, "detail": detail})
            tables.append(given)
        return rows, pd.concat(tables, ignore_index=True)


def owners_of(assignments: pd.DataFrame) -> dict[str, str]:
    """Return rep_id by lead_id, of the leads that have a rep."""
    owned = assignments[assignments["rep_id"].notna()]
    return dict(zip(owned["lead_id"], owned["rep_id"], strict=True))
