"""Faults planted on request in the table of leads, one per faulty row, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scenarios.synthetic.spec import Stream, generator

if TYPE_CHECKING:
    from scenarios.synthetic.scene import Scene
    from scenarios.synthetic.spec import CompanySpec


class FaultKind(StrEnum):
    """What can be wrong with a row."""

    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_OWNER = "unknown_owner"
    UNCOVERED_REGION = "uncovered_region"
    NEGATIVE_AMOUNT = "negative_amount"
    IMPOSSIBLE_PROBABILITY = "impossible_probability"
    TEXT_IN_NUMBER = "text_in_number"
    FUTURE_TIME = "future_time"
    PADDED_ID = "padded_id"
    EXACT_DUPLICATE = "exact_duplicate"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One fault: where it stands, and what stands there.

    Attributes
    ----------
    kind : what is wrong
    row : of the table of leads, counted from 0; in the CSV file it is line row + 2
    lead_id : as it stands in the row
    column : the faulty cell; lead_id for a copied record
    value : the text of that cell
    original : lead_id of the row that was copied, or "" if none was
    """

    kind: FaultKind
    row: int
    lead_id: str
    column: str
    value: str
    original: str = ""


COPIES = frozenset({FaultKind.EXACT_DUPLICATE, FaultKind.NEAR_DUPLICATE})
TEXT_COLUMNS_IF_DIRTY = ("amount",)
"""Numbers that a dirty company gives as text in all rows, since a text may stand among them."""


@dataclass(frozen=True, slots=True)
class FaultyRows:
    """Rows of a chunk, counted from 0, and for each a sound row to copy from; shape (n_faulty,)."""

    rows: np.ndarray
    originals: np.ndarray
    kinds: tuple[FaultKind, ...]


def faulty_rows(scene: Scene, chunk: int) -> FaultyRows:
    """Draw which of a chunk's rows are faulty, and how: the kinds take turns."""
    spec = scene.spec
    random = generator(spec, Stream.FAULTS, chunk)
    start, stop = scene.rows(chunk)
    first, after = round(spec.dirty * start), round(spec.dirty * stop)
    order = random.permutation(stop - start)
    faulty, sound = np.sort(order[: after - first]), order[after - first :]
    kinds = list(FaultKind)
    return FaultyRows(
        rows=faulty,
        originals=random.choice(sound, len(faulty)),
        kinds=tuple(kinds[index % len(kinds)] for index in range(first, after)),
    )


def plant_faults(
    scene: Scene, table: pa.Table, faulty: FaultyRows, chunk: int
) -> tuple[pa.Table, tuple[PlantedFault, ...]]:
    """Return a chunk's table of leads with its faults, and the list of them."""
    if scene.spec.dirty == 0:
        return table, ()
    for column in TEXT_COLUMNS_IF_DIRTY:
        table = _with_column(table, column, pc.cast(table[column], pa.string()))
    ids = table["lead_id"]
    table = _with_copies(table, faulty)
    start, _ = scene.rows(chunk)
    planted = []
    cells: dict[str, dict[int, object]] = {}
    for row, original, kind in zip(
        faulty.rows.tolist(), faulty.originals.tolist(), faulty.kinds, strict=True
    ):
        record = table.slice(row, 1).to_pylist()[0]
        original_id = ids[original].as_py()
        changes = _changes(kind, record, original_id, scene.spec)
        column = next(iter(changes), "lead_id")
        record |= changes
        for name, value in changes.items():
            cells.setdefault(name, {})[row] = value
        from_original = kind in COPIES or kind is FaultKind.DUPLICATE_ID
        planted.append(
            PlantedFault(
                kind=kind,
                row=start + row,
                lead_id=record["lead_id"],
                column=column,
                value=str(record[column]),
                original=original_id if from_original else "",
            )
        )
    for name, changed in cells.items():
        table = _with_cells(table, name, changed)
    return table, tuple(planted)


def _with_copies(table: pa.Table, faulty: FaultyRows) -> pa.Table:
    """Return the table with copied records under the ids of the rows they take the place of."""
    copied = np.array([kind in COPIES for kind in faulty.kinds], dtype=bool)
    source = np.arange(table.num_rows)
    source[faulty.rows[copied]] = faulty.originals[copied]
    return _with_column(table.take(pa.array(source)), "lead_id", table["lead_id"])


def _changes(
    kind: FaultKind, record: dict[str, Any], original_id: str, spec: CompanySpec
) -> dict[str, object]:
    """Return the cells that a fault changes, the one to report first."""
    tomorrow = (spec.as_of + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    changes: dict[FaultKind, dict[str, object]] = {
        FaultKind.DUPLICATE_ID: {"lead_id": original_id},
        FaultKind.UNKNOWN_OWNER: {
            "owner": f"R{spec.num_reps + 1}x",
            "owned_since": record["owned_since"] or record["created"],
        },
        FaultKind.UNCOVERED_REGION: {"region": record["region"][0] + record["region"]},
        FaultKind.NEGATIVE_AMOUNT: {"amount": f"-{record['amount'] or 100}"},
        FaultKind.IMPOSSIBLE_PROBABILITY: {"win_probability": 1.7},
        FaultKind.TEXT_IN_NUMBER: {"amount": "NaN"},
        FaultKind.FUTURE_TIME: {"last_activity": tomorrow},
        FaultKind.PADDED_ID: {"lead_id": f" {record['lead_id']} "},
        FaultKind.EXACT_DUPLICATE: {},
        FaultKind.NEAR_DUPLICATE: {
            "email": record["email"].title(),
            "company": f"{record['company']} Inc.",
        },
    }
    return changes[kind]


def _with_cells(table: pa.Table, column: str, cells: dict[int, object]) -> pa.Table:
    values = table[column].combine_chunks()
    mask = np.zeros(len(values), dtype=bool)
    mask[list(cells)] = True
    replacements = pa.array([cells[row] for row in sorted(cells)], values.type)
    return _with_column(table, column, pc.replace_with_mask(values, pa.array(mask), replacements))


def _with_column(table: pa.Table, column: str, values: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(column), column, values)
