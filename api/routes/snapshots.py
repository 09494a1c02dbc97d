"""/v1/snapshots, /v1/issue-types"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.errors import InvalidRequestError, OtherCompanyError
from api.routes.one_turn import OneTurn
from api.routes.requests import Change, ChangeOf, PageOf, Reading, ServiceOf
from api.schemas.common import Id, Page
from api.schemas.metrics import MetricGiven
from api.schemas.snapshots import (
    IssueGiven,
    IssueType,
    SnapshotGiven,
    SnapshotMetrics,
    SourceGiven,
    Withdrawal,
)
from api.services.changes import Answer
from api.services.desk.intake import Taken, take_export, take_tables
from api.services.desk.overview import overview
from api.services.paging import decode_cursor, encode_cursor, newest_first
from api.services.same_company import why_another
from api.services.snapshots import (
    UPLOAD,
    add_snapshot,
    get_snapshot,
    refuse_to_come,
    snapshots_given,
    withdraw_snapshot,
)
from api.store.tables import SnapshotRow
from models.columns import TABLES
from models.files.kept_tables import ISSUES_FILE
from models.files.snapshot_files import HEADER_FILE
from models.files.table_reader import SUFFIXES
from models.issue_types import ISSUE_TYPES

router = APIRouter(tags=["snapshots"], route_class=OneTurn)

NAMES = frozenset({HEADER_FILE, *(f"{name}{suffix}" for name in TABLES for suffix in SUFFIXES)})
"""What files of a company may be called."""
MOST_FILES = 100


@router.post("/v1/snapshots", status_code=201, response_model=SnapshotGiven)
def post(
    change: ChangeOf,
    files: Annotated[
        list[UploadFile],
        File(
            description="snapshot.yaml, leads.csv or leads.parquet, reps ..., each under its own "
            "name; or the files of a CRM's export, together with `mapping`"
        ),
    ],
    mapping: Annotated[UploadFile | None, File(description="the mapping of an export")] = None,
    as_of: Annotated[
        datetime | None, Form(description="when an export was true, if its mapping does not say")
    ] = None,
    change_company: Annotated[
        bool,
        Form(
            description="whether they may be of another company than the newest tables: in another "
            "currency, or with hardly any of their reps and leads"
        ),
    ] = False,
) -> JSONResponse:
    """Take tables, or a CRM's export with its mapping."""
    with tempfile.TemporaryDirectory(dir=change.service.scratch) as scratch:
        work = Path(scratch)
        content = _save(files, work / "sent", exactly=mapping is None)
        if mapping is not None:
            content += _save([mapping], work / "mapping", exactly=False) + str(as_of)
        taken = _taken(change, work, mapping, as_of)
        why = None if change_company else why_another(change.service, taken)

        def make(session: Session) -> Answer:
            # Here, since a repeated request has its first answer whatever came after it.
            if why is not None:
                raise OtherCompanyError(why)
            refuse_to_come(session, taken.as_of)
            row = add_snapshot(session, taken, UPLOAD, change.who.id)
            (given,) = snapshots_given(session, [row])
            return Answer.of(given, 201, Location=f"/v1/snapshots/{row.id}")

        return change.make(make, content=f"{content} {change_company}")


def _taken(change: Change, work: Path, mapping: UploadFile | None, as_of: datetime | None) -> Taken:
    (work / "kept").mkdir()
    # The clerk, not the desk: a million leads take longer than a question may.
    if mapping is None:
        return change.service.clerk.ask(take_tables, work / "sent", work / "kept")
    (read,) = (work / "mapping").iterdir()
    sent, made, kept = (work / name for name in ("sent", "made", "kept"))
    return change.service.clerk.ask(take_export, sent, read, made, kept, as_of)


def _save(files: list[UploadFile], directory: Path, *, exactly: bool) -> str:
    """Write what was sent into a new directory; return a hash of it.

    Parameters
    ----------
    exactly : whether names must be those of a company's files
    """
    if len(files) > MOST_FILES:
        raise InvalidRequestError(f"{len(files)} files were sent; at most {MOST_FILES} are taken")
    directory.mkdir()
    digest = hashlib.sha256()
    for file in files:
        name = _name(file, exactly=exactly)
        if (directory / name).exists():
            raise InvalidRequestError(f"two files are called {name!r}; give each its own name")
        with (directory / name).open("xb") as target:
            shutil.copyfileobj(file.file, target, 1 << 20)
        with (directory / name).open("rb") as written:
            digest.update(name.encode() + hashlib.file_digest(written, "sha256").digest())
    return digest.hexdigest()


def _name(file: UploadFile, *, exactly: bool) -> str:
    name = file.filename or ""
    if exactly and name not in NAMES:
        allowed = f"{HEADER_FILE} and {', '.join(f'{table}.csv' for table in TABLES)} or .parquet"
        raise InvalidRequestError(
            f"a file is called {name[:80]!r}; without a mapping, files are called {allowed}"
        )
    # Only a plain name: nothing that leads out of the directory.
    if (
        name != Path(name).name
        or name in ("", ".", "..")
        or not name.isprintable()
        or len(name.encode()) > 200
    ):
        raise InvalidRequestError(
            f"a file is called {name[:80]!r}; send it under a plain file name"
        )
    return name


@router.get("/v1/snapshots")
def get_all(session: Reading, page: PageOf) -> Page[SnapshotGiven]:
    """List snapshots, newest first."""
    rows, following = newest_first(session, select(SnapshotRow), SnapshotRow, page)
    return Page(items=snapshots_given(session, rows), next=following)


@router.get("/v1/snapshots/{snapshot_id}")
def get(snapshot_id: Id, session: Reading) -> SnapshotGiven:
    """Give a snapshot."""
    return snapshots_given(session, [get_snapshot(session, snapshot_id)])[0]


@router.post("/v1/snapshots/{snapshot_id}/withdraw", response_model=SnapshotGiven)
def withdraw(snapshot_id: Id, why: Withdrawal, change: ChangeOf) -> JSONResponse:
    """Have nothing go by tables any more, and their copies of the same content: the newest others
    count, and no plan of theirs can be published. What is published stays.
    """

    def make(session: Session) -> Answer:
        row = get_snapshot(session, snapshot_id)
        withdraw_snapshot(session, row, why.reason, change.who.id)
        session.flush()
        return Answer.of(snapshots_given(session, [row])[0])

    return change.make(make)


@router.get("/v1/snapshots/{snapshot_id}/issues")
def issues(snapshot_id: Id, session: Reading, service: ServiceOf, page: PageOf) -> Page[IssueGiven]:
    """List the warnings and remarks about a snapshot, in the order in which they were found."""
    get_snapshot(session, snapshot_id)
    table = pq.read_table(service.copies.directory(snapshot_id) / ISSUES_FILE)
    start = 0 if page.cursor is None else decode_cursor(page.cursor, int)[0]
    items = [IssueGiven.model_validate(row) for row in table.slice(start, page.limit).to_pylist()]
    end = start + len(items)
    return Page(items=items, next=encode_cursor(end) if items and end < table.num_rows else None)


@router.get("/v1/snapshots/{snapshot_id}/metrics")
def metrics(snapshot_id: Id, session: Reading, service: ServiceOf) -> SnapshotMetrics:
    """Tell what a snapshot holds, in figures."""
    row = get_snapshot(session, snapshot_id)
    found = service.desk.ask(overview, service.copies.directory(snapshot_id))
    return SnapshotMetrics(
        currency=row.currency,
        metrics=[MetricGiven.model_validate(figure) for figure in found.metrics],
        sources=[SourceGiven.model_validate(source) for source in found.sources],
    )


@router.get("/v1/issue-types")
def issue_types() -> list[IssueType]:
    """Give the catalogue of faults and remarks."""
    return [
        IssueType(code=code, severity=kind.severity, title=kind.title, fix=kind.fix)
        for code, kind in sorted(ISSUE_TYPES.items())
    ]
