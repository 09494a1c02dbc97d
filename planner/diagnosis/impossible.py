"""Why no plan exists, in short: what is told with the error of a run that proved it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.diagnosis import Status
from models.errors import NoPlanError
from planner.diagnosis.diagnose import diagnose_base

if TYPE_CHECKING:
    from models.outcome import Limits
    from models.snapshot import Snapshot
    from planner.engines.engine import Watcher
    from planner.policy import Policy

SHARE, LONGEST = 0.5, 60.0
"""Of the plan's time, and in seconds, what looking into it may take."""


def with_reason(
    error: NoPlanError, snapshot: Snapshot, policy: Policy, limits: Limits, watcher: Watcher
) -> NoPlanError:
    """Return the error of a run without a plan; where none exists, it tells why.

    Bands around fair shares are left out: without them alone there may be no plan.
    """
    if not error.impossible:
        return error
    seconds = LONGEST if limits.seconds is None else min(LONGEST, SHARE * limits.seconds)
    limits = replace(limits, seconds=seconds)
    found = diagnose_base(snapshot, policy, limits=limits, watcher=watcher)
    if found.status is Status.FEASIBLE or not (told := found.short()):
        return error
    return NoPlanError(f"{error}; {told}", impossible=True)
