"""Whether a policy can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import PolicyError
from models.files.kept_tables import read_kept_tables
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from pathlib import Path


def policy_faults(text: str, tables: Path | None) -> tuple[list[str], list[str]]:
    """Return the faults of a policy, and its sentences if it has none.

    Parameters
    ----------
    tables : the directory of a snapshot that it must fit; None if it need not
    """
    try:
        policy = policy_from_text(text)
        if tables is not None:
            policy.check(read_kept_tables(tables))
    except PolicyError as error:
        return list(error.faults), []
    return [], policy.describe()
