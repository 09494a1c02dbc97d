"""Synthetic companies of any size: the same spec always gives the same bytes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
from pyarrow import csv

from models.columns import TABLES
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from scenarios.synthetic.effort import EffortScale, fit_effort
from scenarios.synthetic.faults import FaultKind, PlantedFault, faulty_rows, plant_faults
from scenarios.synthetic.history import history_table, win_chances
from scenarios.synthetic.leads import draw_leads
from scenarios.synthetic.leads_table import leads_table
from scenarios.synthetic.pins import pins_table
from scenarios.synthetic.policy import policy_text
from scenarios.synthetic.reps_table import reps_table
from scenarios.synthetic.scene import Scene, set_scene
from scenarios.synthetic.spec import CompanySpec
from scenarios.synthetic.working_time import absences_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    import pandas as pd

    from models.snapshot import Snapshot

__all__ = [
    "Chunk",
    "Company",
    "CompanySpec",
    "FaultKind",
    "PlantedFault",
    "generate",
    "lead_chunks",
    "policy_text",
    "snapshot_text",
    "write_company",
]


@dataclass(frozen=True)
class Company:
    """A synthetic company whole in memory; its cells are those of the CSV files.

    Attributes
    ----------
    leads, reps, history, absences, pins : the tables, with times as ISO 8601 text
    as_of : the moment that they show, in UTC
    timezone, currency : as in the spec
    planted : the faults in the leads, in order of their rows; none in a clean company
    """

    leads: pd.DataFrame
    reps: pd.DataFrame
    history: pd.DataFrame
    absences: pd.DataFrame
    pins: pd.DataFrame
    as_of: datetime
    timezone: str
    currency: str
    planted: tuple[PlantedFault, ...] = ()

    def snapshot(self) -> Snapshot:
        """Return the validated snapshot.

        Raises
        ------
        InputError : the company is dirty
        """
        header = SnapshotHeader(
            schema=1, as_of=self.as_of, timezone=self.timezone, currency=self.currency
        )
        tables = {name: getattr(self, name) for name in TABLES}
        return snapshot_from_frames(tables, header)


@dataclass(frozen=True)
class Chunk:
    """A run of leads with the history and pins that go with them."""

    leads: pa.Table
    history: pa.Table
    pins: pa.Table
    planted: tuple[PlantedFault, ...]


def generate(spec: CompanySpec) -> Company:
    """Make a company in memory; `write_company` is for the large ones."""
    scene = set_scene(spec)
    chunks = list(_chunks(scene))
    return Company(
        leads=_frame([chunk.leads for chunk in chunks]),
        reps=_frame([reps_table(spec, scene.staff)]),
        history=_frame([chunk.history for chunk in chunks]),
        absences=_frame([absences_table(scene.staff.absences, scene.staff.ids)]),
        pins=_frame([chunk.pins for chunk in chunks]),
        as_of=spec.as_of,
        timezone=spec.timezone,
        currency=spec.currency,
        planted=tuple(fault for chunk in chunks for fault in chunk.planted),
    )


def write_company(spec: CompanySpec, directory: Path) -> None:
    """Write a company's tables and policy, a chunk at a time, so that memory stays flat.

    `snapshot.yaml` comes last: a directory without it is unfinished.
    """
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "snapshot.yaml").unlink(missing_ok=True)
    scene = set_scene(spec)
    with ExitStack() as files:
        leads, reps, history, absences, pins = (
            files.enter_context((directory / f"{name}.csv").open("wb"))
            for name in ("leads", "reps", "history", "absences", "pins")
        )
        _append_csv(reps, reps_table(spec, scene.staff))
        _append_csv(absences, absences_table(scene.staff.absences, scene.staff.ids))
        for chunk in _chunks(scene):
            _append_csv(leads, chunk.leads)
            _append_csv(history, chunk.history)
            _append_csv(pins, chunk.pins)
    (directory / "policy.yaml").write_text(policy_text(spec), encoding="utf-8", newline="\n")
    (directory / "snapshot.yaml").write_text(snapshot_text(spec), encoding="utf-8", newline="\n")


def lead_chunks(spec: CompanySpec) -> Iterator[Chunk]:
    """Yield a company's leads with their history and pins; each chunk is made when asked for."""
    return _chunks(set_scene(spec))


def snapshot_text(spec: CompanySpec) -> str:
    """Return the snapshot file of a synthetic company."""
    as_of = spec.as_of.isoformat().replace("+00:00", "Z")
    return f"schema: 1\nas_of: {as_of}\ntimezone: {spec.timezone}\ncurrency: {spec.currency}\n"


def _chunks(scene: Scene) -> Iterator[Chunk]:
    chances = win_chances(scene)
    effort: EffortScale | None = None
    for chunk in range(scene.num_chunks):
        leads = draw_leads(scene, chunk)
        # Fitted on the first chunk: its leads stand for all, which nobody has seen yet.
        effort = effort or fit_effort(leads.raw_effort, scene.staff, scene.spec.num_leads)
        faulty = faulty_rows(scene, chunk)
        table, planted = plant_faults(scene, leads_table(scene, leads, effort), faulty, chunk)
        yield Chunk(
            leads=table,
            history=history_table(scene, leads, chances, chunk),
            pins=pins_table(scene, leads, faulty.rows, chunk),
            planted=planted,
        )


def _append_csv(file: BinaryIO, table: pa.Table) -> None:
    """Append rows to a CSV file, after a header if it is empty.

    No cell has a comma, a quote or a line end, so none is quoted; Arrow refuses one that has.
    """
    if file.tell() == 0:
        # Arrow would quote the names.
        file.write((",".join(table.column_names) + "\n").encode())
    csv.write_csv(table, file, csv.WriteOptions(include_header=False, quoting_style="none"))


def _frame(tables: list[pa.Table]) -> pd.DataFrame:
    frame: pd.DataFrame = pa.concat_tables(tables).to_pandas()
    return frame
