"""Whether the rules let a rep have one more lead: asked of a company of the rep's book only."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from models.files.plan_files import read_plan
from models.files.snapshot_files import HEADER_FILE, read_snapshot
from planner.case import Case
from planner.holders import Per
from planner.measures import Measure
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from planner.policy import Policy
    from planner.rules.rule import Violation

ROOM = (Measure.COUNT, Measure.EFFORT_HOURS)
WHOLE = ("reps", "absences")
BY_LEAD = ("leads", "history", "pins")
LIFTED = {"reserve": 0.0}
"""Room that a plan keeps free for arrivals is there for claims."""


@dataclass(frozen=True)
class Asked:
    """A claim.

    Attributes
    ----------
    book : the leads that the rep has now
    pins : pins of the lead that were set since the tables were made, as records of that table
    """

    lead_id: str
    rep_id: str
    book: tuple[str, ...]
    pins: tuple[dict[str, str | None], ...]


def claim_faults(tables: Path, plan: Path, asked: Asked, scratch: Path) -> list[str]:
    """Return what keeps a rep from a lead, in sentences; none if nothing does.

    Every rule about pairs is asked, pins too, and the limits on how many leads and hours a rep has,
    without their reserve. Limits of teams and of the whole company are the next plan's business.

    Parameters
    ----------
    tables, plan : directories of a plan and of the snapshot it was made from
    scratch : an empty directory

    Raises
    ------
    InputError, PlanFileError : the files are damaged
    """
    if not _small_company(tables, asked, scratch):
        return ["it is not in the tables that the current plan was made from"]
    kept = read_plan(plan)
    policy = policy_from_text(kept.policy_text)
    snapshot = read_snapshot(scratch, keep=policy.columns())
    if asked.rep_id not in set(snapshot.reps["rep_id"]):
        return ["the rep is not in the tables that the current plan was made from"]
    there = snapshot.leads["lead_id"]
    pairs = pd.DataFrame({"lead_id": there, "rep_id": asked.rep_id}, dtype="str")
    case = Case(policy, snapshot, pairs, kept.record.settled)
    return sorted({f"{found.text} ({found.sentence})" for found in _found(policy, case, asked)})


def _found(policy: Policy, case: Case, asked: Asked) -> Iterator[Violation]:
    for rule in policy.in_force(case.snapshot).eligibility():
        for found in rule.violations(case):
            if found.lead_id == asked.lead_id:
                yield found
    for limit in policy.in_force(case.snapshot).capacity:
        if limit.per is Per.REP and limit.measure in ROOM:
            for found in limit.model_copy(update=LIFTED).violations(case):
                if found.rep_id == asked.rep_id:
                    yield found


def _small_company(tables: Path, asked: Asked, scratch: Path) -> bool:
    """Write the tables of the book and the lead only; return whether the lead is in them."""
    shutil.copy(tables / HEADER_FILE, scratch)
    wanted = [asked.lead_id, *asked.book]
    for name in (*WHOLE, *BY_LEAD):
        path = tables / f"{name}.parquet"
        if not path.exists():
            continue
        chosen = [("lead_id", "in", wanted)] if name in BY_LEAD else None
        frame = pq.read_table(path, filters=chosen).to_pandas()
        if name == "leads" and asked.lead_id not in set(frame["lead_id"]):
            return False
        if name != "pins":
            frame.to_parquet(scratch / path.name, index=False)
        else:
            _write_pins(frame, asked, scratch)
    if not (tables / "pins.parquet").exists():
        _write_pins(pd.DataFrame(columns=["lead_id"], dtype="str"), asked, scratch)
    return True


def _write_pins(kept: pd.DataFrame, asked: Asked, scratch: Path) -> None:
    pins = pd.concat([kept, pd.DataFrame(list(asked.pins), dtype="str")], ignore_index=True)
    if len(pins):
        pins.to_parquet(scratch / "pins.parquet", index=False)
