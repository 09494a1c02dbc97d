"""Checks a plan once more, from its files as they are kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from api.jobs.tasks.dress import LEADS_FILE
from api.services.desk.planned import inputs_of
from api.store.copies import contents_of
from models.files.own_parquet import read_frame
from models.files.plan_files import read_plan
from models.plan import plan_hash
from planner.check import STATED, check

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.desk.planned import Sources
    from api.store.copies import Contents

CHECKED = ("lead_id", "rep_id", *STATED)
MOST_TOLD = 100
REMEMBERED = 256
"""Plans whose verdict is at hand: teams submit their parts of the same plan one by one."""


def verdict_of(
    plan: Path, expected_hash: str, sources: Sources | None
) -> tuple[bool, tuple[str, ...]]:
    """Return what `check_kept` returns, found out once as long as the files stay what they are."""
    tables = None if sources is None else contents_of(sources.tables)
    return _verdict(plan, expected_hash, sources, contents_of(plan), tables)


@lru_cache(maxsize=REMEMBERED)
def _verdict(
    plan: Path, expected_hash: str, sources: Sources | None, *_files: Contents | None
) -> tuple[bool, tuple[str, ...]]:
    again, faults = check_kept(plan, expected_hash, sources)
    return again, tuple(faults)


def check_kept(plan: Path, expected_hash: str, sources: Sources | None) -> tuple[bool, list[str]]:
    """Return whether every rule was read again, and what does not hold, in sentences.

    Parameters
    ----------
    plan : its directory
    expected_hash : of its assignment
    sources : what it was made from; None where its tables were removed, and then rules cannot be
        read again

    Raises
    ------
    PlanFileError : the directory is damaged
    """
    kept = read_plan(plan)
    leads = read_frame(plan / LEADS_FILE, columns=list(CHECKED))
    faults = [
        f"{name} is not the assignment that was planned"
        for name, table in (("assignments.parquet", kept.assignments), (LEADS_FILE, leads))
        if plan_hash(table) != expected_hash
    ]
    if not kept.record.feasible:
        faults.append("the plan breaks rules")
    if sources is None:
        return False, faults
    snapshot, policy = inputs_of(sources, kept)
    if snapshot.content_hash != kept.record.hashes["snapshot"]:
        return False, faults
    found = check(policy, snapshot, leads, kept.record.settled)
    faults += [_sentence(one.text, one.lead_id, one.rep_id) for one in found[:MOST_TOLD]]
    return True, faults


def _sentence(text: str, lead_id: str, rep_id: str) -> str:
    of_what = [f"{name} {value}" for name, value in (("lead", lead_id), ("rep", rep_id)) if value]
    return f"{', '.join(of_what)}: {text}" if of_what else text
