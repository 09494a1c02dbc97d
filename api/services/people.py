"""Personal data: shown beside a snapshot's records, and erased for one person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import or_, select, update

from api.errors import NotFoundError
from api.services.paging import decode_cursor, encode_cursor
from api.store.audit import append_audit
from api.store.files import PEOPLE_FILE, replace_file
from api.store.people_file import SCHEMA, group_of, groups_from, is_of, may_hold, open_people
from api.store.tables import FeedbackRow, FileRow, PinRow, SnapshotRow, TransferRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy.orm import Session

    from api.services.paging import Paging

People = dict[str, dict[str, str]]
"""Per record, its personal columns; what is empty is not there."""
LEADS, REPS, HISTORY = "leads", "reps", "history"


@dataclass(frozen=True)
class Erased:
    """What was erased.

    Attributes
    ----------
    snapshots : how many told something of the person; values : how many cells
    """

    snapshots: int
    values: int


def people_of(session: Session, snapshot_id: str, table: str, ids: Collection[str]) -> People:
    """Return the names and contacts of some records; of those without any, nothing.

    The caller sees to it that they may be told: see `Contacts`.

    Parameters
    ----------
    table : leads or reps

    Raises
    ------
    NotFoundError : the snapshot's files were removed
    """
    found: People = {}
    if not ids:
        return found
    wanted = pa.array(sorted(ids), pa.string())
    for rows in _rows(session, snapshot_id, table, min(ids)):
        _add(found, rows.filter(pc.is_in(rows["record"], value_set=wanted)))
        if rows.num_rows and rows["record"][-1].as_py() > max(ids):
            break
    return found


def people_page(
    session: Session, snapshot_id: str, table: str, paging: Paging
) -> tuple[People, str | None]:
    """Return a page of the records of a table that have a name or a contact, by id, and the cursor
    of the next page; NotFoundError if the snapshot's files were removed.
    """
    after = "" if paging.cursor is None else str(decode_cursor(paging.cursor, str)[0])
    found: People = {}
    for rows in _rows(session, snapshot_id, table, after):
        _add(found, rows.filter(pc.greater(rows["record"], after)))
        # The last record may go on in the next group.
        if len(found) > paging.limit + 1:
            break
    page = dict(list(found.items())[: paging.limit])
    following = encode_cursor(list(page)[-1]) if len(found) > len(page) else None
    return page, following


def erase_person(session: Session, table: str, record: str, actor: str) -> Erased:
    """Remove somebody's names and contacts from all snapshots, and what was said of them in
    feedback and in reasons of pins and transfers; the records keep their ids.

    Raises
    ------
    NotFoundError : no snapshot tells a name or a contact of the record
    """
    tables = (LEADS, HISTORY) if table == LEADS else (table,)
    owners = session.scalars(
        select(FileRow.owner_id)
        .join(SnapshotRow, SnapshotRow.id == FileRow.owner_id)
        .where(FileRow.name == PEOPLE_FILE, FileRow.number == 0)
        .order_by(FileRow.owner_id)
    ).all()
    counts = [_erase_from(session, owner, tables, record) for owner in owners]
    erased = Erased(sum(count > 0 for count in counts), sum(counts))
    feedback = _erase_feedback(session, table, record)
    reasons = _erase_reasons(session, table, record)
    if not erased.values and not feedback and not reasons:
        raise NotFoundError(
            f"no snapshot tells a name or a contact of {record!r} in {table}: it is no record's "
            "id, or what was told was removed before"
        )
    detail = {
        "table": table,
        "snapshots": erased.snapshots,
        "values": erased.values,
        "feedback": feedback,
        "reasons": reasons,
    }
    append_audit(session, actor, "person_erased", record, detail)
    return erased


def _erase_feedback(session: Session, table: str, record: str) -> int:
    about = FeedbackRow.lead_id if table == LEADS else FeedbackRow.rep_id
    said = session.scalars(select(FeedbackRow).where(about == record, FeedbackRow.text != "")).all()
    for feedback in said:
        feedback.text = ""
    return len(said)


def _erase_reasons(session: Session, table: str, record: str) -> int:
    """Empty the reasons of pins and transfers of a lead or a rep; return how many there were."""
    if table == LEADS:
        pinned, moved = PinRow.lead_id == record, TransferRow.lead_id == record
    else:
        pinned = PinRow.rep_id == record
        moved = or_(TransferRow.from_rep == record, TransferRow.to_rep == record)
    pins = session.scalars(select(PinRow).where(pinned, PinRow.reason != "")).all()
    for pin in pins:
        pin.reason = ""
        pin.version += 1
    transfers = session.scalars(select(TransferRow).where(moved, TransferRow.reason != "")).all()
    for transfer in transfers:
        transfer.reason = ""
    return len(pins) + len(transfers)


def _erase_from(session: Session, snapshot_id: str, tables: tuple[str, ...], record: str) -> int:
    file, places = open_people(session, snapshot_id), [(table, record) for table in tables]
    if not any(
        may_hold(file, number, place) and pc.any(is_of(group_of(file, number), place)).as_py()
        for number in range(file.num_row_groups)
        for place in places
    ):
        return 0
    count = 0
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / PEOPLE_FILE
        with pq.ParquetWriter(path, SCHEMA) as writer:
            for number in range(file.num_row_groups):
                rows = group_of(file, number)
                kept = rows
                for place in places:
                    kept = kept.filter(pc.invert(is_of(kept, place)))
                count += rows.num_rows - kept.num_rows
                # A group without rows has no bounds.
                if kept.num_rows:
                    writer.write_table(kept)
        replace_file(session, snapshot_id, path)
    # Whoever knows what the file told sees that it tells less now.
    one_more = update(SnapshotRow).values(erasures=SnapshotRow.erasures + 1)
    session.execute(one_more.where(SnapshotRow.id == snapshot_id))
    return count


def _rows(session: Session, snapshot_id: str, table: str, first: str) -> Iterator[pa.Table]:
    """Yield rows of a table, in groups, from a record on or a little before it."""
    for rows in groups_from(open_people(session, snapshot_id), (table, first)):
        of_table = rows.filter(pc.equal(rows["table"], table))
        if of_table.num_rows:
            yield of_table
        elif rows["table"][0].as_py() > table:
            return


def _add(found: People, rows: pa.Table) -> None:
    told = (rows[name].to_pylist() for name in ("record", "column", "value"))
    for record, column, value in zip(*told, strict=True):
        found.setdefault(record, {})[column] = value
