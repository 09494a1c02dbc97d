"""Tables of leads as a page of JSON, or whole as CSV or Parquet, as the Accept header asks."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from api.schemas.common import Page
from api.services.access.visibility import visible
from api.services.paging import decode_cursor, encode_cursor
from models.files.csv_writer import FORMULA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import Request

    from api.schemas.common import Given
    from api.services.access.principal import Principal
    from api.services.paging import Paging

    Amend = Callable[[pa.Table], pa.Table]

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
KINDS: dict[int | str, dict[str, Any]] = {200: {"content": {CSV: {}, PARQUET: {}}}}
"""What the documents say of an answer with a table."""
RUNS = re.compile(FORMULA)


def answer_table(
    request: Request,
    path: Path,
    page: Paging,
    who: Principal,
    kind: type[Given],
    *,
    scratch: Path,
    seen: Amend | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with the rows of a Parquet file that somebody sees.

    Parameters
    ----------
    kind : of an item; its fields are the columns
    scratch : a directory for a file that lives as long as the answer
    seen : makes of rows of the file those that the caller sees; by team, region and own book if not
        given
    """
    look: Amend = seen or (lambda rows: visible(who, rows))
    wanted = request.headers.get("accept", "")
    names = list(kind.model_fields)
    if PARQUET in wanted:
        return _parquet(path, look, names, scratch, headers)
    if CSV in wanted:
        lines = _csv(path, look, names)
        return StreamingResponse(lines, media_type=f"{CSV}; charset=utf-8", headers=headers)
    rows, following = _page(path, look, page)
    items = [kind.model_validate(row) for row in rows]
    told = Page[Any](items=items, next=following)
    return JSONResponse(told.model_dump(mode="json"), headers=headers)


def _page(path: Path, look: Amend, page: Paging) -> tuple[list[dict[str, Any]], str | None]:
    """Return the rows of a page, and the cursor of the next one; a place is a row of the file."""
    start = 0 if page.cursor is None else max(int(decode_cursor(page.cursor, int)[0]), 0)
    rows: list[dict[str, Any]] = []
    for first, group in _groups(path, start):
        found = look(_numbered(group, first))
        rows += found.slice(0, page.limit + 1 - len(rows)).to_pylist()
        if len(rows) > page.limit:
            return rows[: page.limit], encode_cursor(rows[page.limit]["row"])
    return rows, None


def _numbered(group: pa.Table, first: int) -> pa.Table:
    return group.append_column("row", pa.array(np.arange(first, first + group.num_rows)))


def _groups(path: Path, start: int = 0) -> Iterator[tuple[int, pa.Table]]:
    """Yield the groups of rows of a file from a row on, each with the number of its first row."""
    with pq.ParquetFile(path) as file:
        first = 0
        for number in range(file.num_row_groups):
            count = file.metadata.row_group(number).num_rows
            if first + count > start:
                group = file.read_row_group(number)
                skipped = max(start - first, 0)
                yield first + skipped, group.slice(skipped)
            first += count


def _csv(path: Path, look: Amend, names: list[str]) -> Iterator[str]:
    yield ",".join(names) + "\r\n"
    for _, group in _groups(path):
        text = io.StringIO()
        writer = csv.writer(text)
        for row in look(group).select(names).to_pylist():
            writer.writerow([_cell(row[name]) for name in names])
        yield text.getvalue()


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet runs as a formula (OWASP, "CSV Injection")."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and RUNS.search(value):
        return "'" + value
    return value


def _parquet(
    path: Path, look: Amend, names: list[str], scratch: Path, headers: dict[str, str] | None
) -> FileResponse:
    with NamedTemporaryFile(dir=scratch, suffix=".parquet", delete=False) as made:
        target = Path(made.name)
    try:
        schema = pa.schema([pq.read_schema(path).field(name) for name in names])
        with pq.ParquetWriter(target, schema) as writer:
            for _, group in _groups(path):
                writer.write_table(look(group).select(names).cast(schema))
    except BaseException:
        target.unlink()
        raise
    done = BackgroundTask(target.unlink)
    return FileResponse(target, media_type=PARQUET, headers=headers, background=done)
