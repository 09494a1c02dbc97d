"""A company and a policy that changes are being made to; what they came from stays as it is."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.files.yaml_writer import written
from models.nearest import nearest
from models.validation.validate import snapshot_from_frames
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from models.snapshot import Snapshot
    from models.where import Where
    from planner.policy import Policy


class Draft:
    """Tables and policy, as copies.

    Parameters
    ----------
    snapshot, policy : the base

    Attributes
    ----------
    frames : the columns that the base has, by table
    policy : the policy's data, as its YAML has it
    """

    def __init__(self, snapshot: Snapshot, policy: Policy) -> None:
        self._snapshot, self._base = snapshot, policy
        self.frames: dict[str, pd.DataFrame] = {
            name: frame.copy() for name, frame in snapshot.as_given().items()
        }
        self.policy: dict[str, Any] = deepcopy(policy.document.data)

    @property
    def leads(self) -> pd.DataFrame:
        """The leads."""
        return self.frames["leads"]

    @property
    def reps(self) -> pd.DataFrame:
        """The reps."""
        return self.frames["reps"]

    @property
    def as_of(self) -> pd.Timestamp:
        """When the tables were true."""
        return pd.Timestamp(self._snapshot.as_of)

    @property
    def base(self) -> Snapshot:
        """The tables before all changes."""
        return self._snapshot

    @property
    def zone(self) -> str:
        """The company's time zone."""
        return self._snapshot.header.timezone

    def column(self, table: str, name: str) -> pd.Series:
        """Return a column; an empty one, which the table then has, if it had none."""
        frame = self.frames[table]
        if name not in frame:
            whole = self._snapshot.tables[table]
            cells = whole[name].iloc[:0] if name in whole else pd.Series(dtype="str")
            frame[name] = cells.reindex(frame.index)
        return frame[name]

    def add(self, table: str, rows: pd.DataFrame) -> None:
        """Add records to a table, which comes to be if there is none."""
        known = self.frames.get(table, self._snapshot.tables[table].iloc[:0])
        columns = [*known.columns, *(name for name in rows if name not in known)]
        parts = [frame for frame in (known, rows) if len(frame)]
        together = pd.concat(parts, ignore_index=True) if parts else known
        self.frames[table] = together.reindex(columns=columns)

    def mask(self, table: str, where: Where | None) -> NDArray[np.bool_]:
        """Return (n,) which records of a table a filter means; all if there is none."""
        frame = self.frames[table]
        if where is None:
            return pd.Series(data=True, index=frame.index).to_numpy(bool)
        return where.mask(frame, self._snapshot.header.timezone)

    def unknown_reps(self, rep_ids: Iterable[str]) -> Iterator[str]:
        """Yield a fault for each id that no rep has."""
        known = self.reps["rep_id"].astype(str).tolist()
        for rep_id in rep_ids:
            if rep_id not in known:
                near = nearest(rep_id, known)
                advice = f"; the nearest is {near!r}" if near else ""
                yield f"there is no rep {rep_id!r}{advice}"

    def filter_faults(self, table: str, where: Where | None) -> Iterator[str]:
        """Yield what keeps a filter from being applied to a table, or from matching anything."""
        if where is None:
            return
        frame = self.frames[table]
        for name in where.columns:
            if name not in frame:
                near = nearest(name, list(frame.columns))
                advice = f"; the nearest is {near!r}" if near else ""
                yield f"table {table} has no column {name!r}{advice}"
                return
        faults = [f"{column}: {fault}" for column, fault in where.faults(frame)]
        yield from faults
        if not faults and not self.mask(table, where).any():
            yield f"no record of {table} is one where {where.sentence()}"

    def finished(self) -> tuple[Snapshot, Policy]:
        """Return what the draft has become, validated as anything that is read from files.

        Raises
        ------
        InputError, PolicyError : with every fault
        """
        if self.policy == self._base.document.data:
            policy = self._base
        else:
            policy = policy_from_text(written(self.policy), self._base.document.source)
        keep = policy.columns()
        for table, names in self._snapshot.header.keep.items():
            keep[table] |= set(names)
        return snapshot_from_frames(self.frames, self._snapshot.header, keep=keep), policy
