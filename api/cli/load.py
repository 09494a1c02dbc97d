"""Reads what commands work on, and times it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.snapshot import Snapshot
    from planner.policy import Policy


def load(
    directory: Path, policy_file: Path, *, keep: Mapping[str, set[str]] | None = None
) -> tuple[Snapshot, Policy, dict[str, float]]:
    """Return the snapshot, the policy and the seconds it took.

    Parameters
    ----------
    keep : per table, further columns to keep than those that the policy reads

    Raises
    ------
    InputError, PolicyError : with every fault
    """
    from models.files.snapshot_files import read_snapshot
    from planner.policy import read_policy

    began = time.monotonic()
    policy = read_policy(policy_file)
    columns = policy.columns()
    for table, names in (keep or {}).items():
        columns[table] |= names
    snapshot = read_snapshot(directory, keep=columns)
    return snapshot, policy, {"read": round(time.monotonic() - began, 6)}
