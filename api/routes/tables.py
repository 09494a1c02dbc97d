"""How a table is answered: as pages of JSON, or whole as CSV or Parquet."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

from fastapi import Depends, Header, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from api.routes.callers import known_of
from api.routes.requests import paging
from api.schemas.common import Page, RecordId
from api.services.paging import Paging, decode_cursor, encode_cursor
from api.services.tables.formats import Format, csv_pieces, format_of, parquet_pieces
from api.services.tables.leads import LeadFilter
from api.services.tables.names import refuse_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from api.services.tables.rows import Rows

FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Pages of JSON, or the whole table",
        "content": {
            Format.CSV: {"schema": {"type": "string"}},
            Format.PARQUET: {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": {"ETag": {"schema": {"type": "string"}}},
    },
    304: {"description": "It is still what If-None-Match names"},
}
"""What a route that answers with a table says of its answers."""


@dataclass(frozen=True)
class Wanted:
    """How a caller wants a table.

    Attributes
    ----------
    question : tells who asks for what from others
    known : the ETags of what they have
    """

    form: Format
    page: Paging
    question: str
    known: frozenset[str]

    def answer(
        self,
        name: str,
        kind: type[BaseModel],
        rows: Callable[[], Rows],
        *,
        version: str = "",
    ) -> Response:
        """Return the answer with a table.

        Parameters
        ----------
        name : of the file that a browser saves; kind : of a row
        rows : opens the table
        version : tells it from what it was or will be, where it changes
        """
        digest = hashlib.sha256(f"{self.question} {version}".encode()).hexdigest()
        tag = f'"{digest[:32]}"'
        headers = {
            "ETag": tag,
            "Vary": "Accept, Authorization, Cookie",
            "Cache-Control": "private, no-cache",
        }
        if self.known & {tag, "*"}:
            return Response(status_code=304, headers=headers)
        if self.form is Format.JSON:
            return JSONResponse(_page(kind, rows(), self.page), headers=headers)
        pieces, suffix = _WRITERS[self.form]
        headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
        return StreamingResponse(pieces(rows()), media_type=self.form, headers=headers)


_WRITERS = {Format.CSV: (csv_pieces, "csv"), Format.PARQUET: (parquet_pieces, "parquet")}


def _page(kind: type[BaseModel], rows: Rows, page: Paging) -> dict[str, Any]:
    start = 0 if page.cursor is None else decode_cursor(page.cursor, int)[0]
    found, following = rows.page(start, page.limit)
    items = [kind.model_validate(row) for row in found]
    cursor = None if following is None else encode_cursor(following)
    return Page(items=items, next=cursor).model_dump(mode="json")


async def wanted(
    request: Request,
    page: Annotated[Paging, Depends(paging)],
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    if_none_match: Annotated[
        str | None,
        Header(alias="If-None-Match", max_length=1000, description="ETags that you have"),
    ] = None,
) -> Wanted:
    """Return how a table is wanted; NotAcceptableError if in no form that there is."""
    form, who = format_of(accept), known_of(request).who
    told = (request.url.path, request.url.query, form, who.rights, who.teams, who.regions)
    parts = [sorted(part) if isinstance(part, frozenset) else part for part in told]
    known = frozenset(
        tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",") if tag.strip()
    )
    return Wanted(form, page, repr((*parts, who.rep_id)), known)


async def lead_filter(
    rep: Annotated[RecordId | None, Query(description="only of this rep")] = None,
    team: Annotated[RecordId | None, Query(description="only of this team's reps")] = None,
    region: Annotated[RecordId | None, Query(description="only in this region")] = None,
    grade: Annotated[RecordId | None, Query(description="only of this grade")] = None,
    moved: Annotated[bool | None, Query(description="only those that move, or that stay")] = None,
) -> LeadFilter:
    """Return which leads are meant."""
    return LeadFilter(rep, team, region, grade, moved)


async def names(
    request: Request,
    names: Annotated[
        bool, Query(description="with names and contacts, for who may plan or administers")
    ] = False,
) -> bool:
    """Return whether names are wanted; ForbiddenError if the caller may not see them."""
    if names:
        refuse_names(known_of(request).who)
    return names


def version_of(version: str, *, named: bool) -> str:
    """Return the version of a table; with names never one that was given before, as some of them
    may be erased.
    """
    return uuid4().hex if named else version


NamesOf = Annotated[bool, Depends(names)]
WantedOf = Annotated[Wanted, Depends(wanted)]
LeadsOf = Annotated[LeadFilter, Depends(lead_filter)]
