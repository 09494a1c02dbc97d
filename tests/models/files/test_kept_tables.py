"""Tables that are kept: read again they are what was validated, in every respect."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.columns import REQUIRED_TABLES, TABLES
from models.errors import InputError
from models.files.kept_tables import keep_tables, read_kept_tables
from models.files.snapshot_files import read_snapshot
from models.snapshot import SnapshotHeader
from models.validation.validate import snapshot_from_frames
from tests.models import company

if TYPE_CHECKING:
    from models.snapshot import Snapshot

KEPT = {"leads": ("segment",), "pins": ("asked_by",)}
HEADER = SnapshotHeader.model_validate(
    {"as_of": "2026-11-21T00:00:00Z", "currency": "USD", "schema": 1, "keep": KEPT}
)
WHOLE = {
    name: pd.DataFrame(rows, dtype="str").assign(**dict.fromkeys(KEPT.get(name, ()), ""))
    for name, rows in company.TABLES.items()
}
OPTIONAL = [
    (name, column.name)
    for name, columns in TABLES.items()
    for column in columns
    if not column.required and column.name in WHOLE[name]
]
TEXTS = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=8)


def assert_same(read: Snapshot, made: Snapshot) -> None:
    """Hold two snapshots against each other."""
    assert read.header == made.header
    assert read.content_hash == made.content_hash
    assert read.present == made.present
    assert read.issues.issues == made.issues.issues
    assert read.duplicates.tolist() == made.duplicates.tolist()
    for name in TABLES:
        pd.testing.assert_frame_equal(read.tables[name], made.tables[name])


def kept(snapshot: Snapshot) -> Snapshot:
    """Keep a snapshot and return what is read again, once as it was kept and once validated."""
    with TemporaryDirectory() as directory:
        keep_tables(snapshot, Path(directory))
        read = read_kept_tables(Path(directory))
        assert read_snapshot(Path(directory)).content_hash == snapshot.content_hash
    return read


@settings(max_examples=10)
@given(
    st.sets(st.sampled_from(OPTIONAL)),
    st.sets(st.sampled_from(sorted(set(TABLES) - set(REQUIRED_TABLES)))),
    st.lists(TEXTS, min_size=3, max_size=3),
)
def test_what_was_kept_is_read(
    columns: set[tuple[str, str]], tables: set[str], cells: list[str]
) -> None:
    frames = {
        name: frame.drop(columns=[column for table, column in columns if table == name])
        for name, frame in WHOLE.items()
        if name not in tables
    }
    frames["leads"] = frames["leads"].assign(segment=cells, company=cells)
    made = snapshot_from_frames(frames, HEADER)
    assert_same(kept(made), made)


def test_copies_and_remarks_are_read() -> None:
    copies = WHOLE["leads"].assign(lead_id=["L4", "L5", "L6"], family=["", "F1", ""])
    leads = pd.concat([WHOLE["leads"], copies])
    made = snapshot_from_frames({**WHOLE, "leads": leads}, HEADER)
    assert made.duplicates.tolist() == [0, 1, 2, 0, 1, 2]
    assert "exact_duplicate" in {issue.code for issue in made.issues}
    assert_same(kept(made), made)


def test_damage_is_told(tmp_path: Path) -> None:
    keep_tables(snapshot_from_frames(WHOLE, HEADER), tmp_path)
    (tmp_path / "leads.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="is damaged") as caught:
        read_kept_tables(tmp_path)
    assert [issue.code for issue in caught.value.issues] == ["unreadable_file"]
