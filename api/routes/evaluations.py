"""/v1/evaluations"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.errors import InvalidRequestError
from api.jobs.tasks.task import EVALUATE
from api.routes.one_turn import OneTurn
from api.routes.requests import ChangeOf
from api.routes.runs import accepted, at_quota
from api.schemas.common import Id
from api.schemas.runs import About, RunGiven
from api.services.changes import Answer
from api.services.runs import ask, evaluate_payload
from api.store.files import store_files
from models.files.table_reader import SUFFIXES

router = APIRouter(prefix="/v1/evaluations", tags=["evaluations"], route_class=OneTurn)

NAME = "assignments"


@router.post("", status_code=202, response_model=RunGiven)
def post(
    change: ChangeOf,
    assignments: Annotated[
        UploadFile,
        File(description="CSV or Parquet with lead_id and rep_id (or owner); its name tells which"),
    ],
    snapshot: Annotated[Id, Form(description="the tables")],
    policy: Annotated[Id, Form(description="a version of a policy")],
) -> JSONResponse:
    """Score an assignment made elsewhere; the run leaves it as a plan, which may break rules."""
    suffix = Path(assignments.filename or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidRequestError(
            f"the file is called {(assignments.filename or '')[:80]!r}; its name must end in "
            f"{' or '.join(SUFFIXES)}, which tells how it is read"
        )
    settings = change.service.settings
    about = About(snapshot=snapshot, policy=policy)
    with tempfile.TemporaryDirectory(dir=change.service.scratch) as scratch:
        file = Path(scratch) / f"{NAME}{suffix}"
        with file.open("xb") as target:
            shutil.copyfileobj(assignments.file, target, 1 << 20)
        with file.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()

        def make(session: Session) -> Answer:
            payload = evaluate_payload(session, about, file.name, digest, settings)
            row = ask(session, EVALUATE, payload, change.who, settings)
            store_files(session, row.id, [file])
            return accepted(session, row, change)

        content = f"{digest} {file.name} {snapshot} {policy}"
        return change.make(make, content=content, refuse=at_quota(change))
