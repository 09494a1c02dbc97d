"""Reads what commands work on, and times it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot
    from planner.policy import Policy


def load(directory: Path, policy_file: Path) -> tuple[Snapshot, Policy, dict[str, float]]:
    """Return the snapshot, the policy and the seconds it took.

    Raises
    ------
    InputError, PolicyError : with every fault
    """
    from models.files.snapshot_files import read_snapshot
    from planner.policy import read_policy

    began = time.monotonic()
    policy = read_policy(policy_file)
    snapshot = read_snapshot(directory, keep=policy.columns())
    return snapshot, policy, {"read": round(time.monotonic() - began, 6)}
