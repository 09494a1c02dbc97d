"""What routes take from a request besides its body."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Header, Query, Request
from fastapi.responses import JSONResponse

from api.errors import (
    InvalidRequestError,
    NeedsMatchError,
    StaleError,
)
from api.routes.callers import known_of, service_of
from api.routes.one_turn import ToRead
from api.services.access.principal import Principal
from api.services.changes import Answer, Asked, change_once
from api.services.paging import DEFAULT_LIMIT, MOST, Paging
from api.services.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

ETAG = re.compile(r'(?:W/)?"v([0-9]+)"')
"""Proxies that compress answers mark their ETags as weak; the version is the same."""


# The framework resolves what a dependency depends on each time one is named, even where it keeps
# the result, so these have none.
async def to_read(request: Request) -> ToRead:
    """Return what stands for a transaction that only reads: see OneTurn."""
    return ToRead((await service_of(request)).database)


async def caller(request: Request) -> Principal:
    """Return who asks, on a route that is not open to anybody."""
    return known_of(request).who


async def paging(
    limit: Annotated[int, Query(ge=1, le=MOST, description="how many at most")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=500, description="`next` of the page before")
    ] = None,
) -> Paging:
    """Return which page is wanted."""
    return Paging(limit, cursor)


@dataclass(frozen=True)
class Change:
    """A change that somebody asks for.

    Attributes
    ----------
    service, who : the installation, and the caller
    key : the caller's idempotency key, if any
    hash : tells the request from others with the same key
    """

    service: Service
    who: Principal
    key: str | None
    hash: str

    def make(
        self,
        change: Callable[[Session], Answer],
        *,
        content: str | None = None,
        refuse: Callable[[Session], None] | None = None,
    ) -> JSONResponse:
        """Make the change once, and answer.

        Parameters
        ----------
        change : makes it in a transaction
        content : the hash of what was sent, where that is not the request's body as it is
        refuse : as `change_once`
        """
        told = self.hash if content is None else f"{self.hash} {content}"
        asked = Asked(self.who.id, self.key, hashlib.sha256(told.encode()).hexdigest())
        return told_as(change_once(self.service.database, asked, change, refuse))


async def change(
    request: Request,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="the same key is the same request, whose first answer comes again",
        ),
    ] = None,
) -> Change:
    """Return a change that a request asks for."""
    told = f"{request.method} {request.url.path}?{request.url.query}"
    if not request.headers.get("content-type", "").startswith("multipart/"):
        # What is sent in parts may be large, and its route tells what it was.
        told += f" {hashlib.sha256(await request.body()).hexdigest()}"
    return Change(await service_of(request), known_of(request).who, key, told)


def told_as(answer: Answer) -> JSONResponse:
    """Return an answer as a response."""
    return JSONResponse({**answer.body, **answer.once}, answer.status, answer.headers)


def etag(version: int) -> str:
    """Return the ETag of a version of a thing that changes."""
    return f'"v{version}"'


async def expected(
    if_match: Annotated[
        str | None, Header(alias="If-Match", max_length=255, description="the ETag that was read")
    ] = None,
) -> int:
    """Return which version a caller has read.

    Raises
    ------
    NeedsMatchError : they do not say
    InvalidRequestError : it is no ETag of a thing that changes
    """
    if if_match is None:
        raise NeedsMatchError("say which version you have read: send its ETag as If-Match")
    found = ETAG.fullmatch(if_match.strip())
    if found is None or len(found[1]) > 9:
        raise InvalidRequestError(
            f"If-Match is {if_match[:40]!r}; send the ETag as GET gave it, such as '\"v1\"'"
        )
    return int(found[1])


def refuse_stale(row: Any, version: int) -> None:
    """Raise StaleError unless a row still has the version that the caller has read."""
    if row.version != version:
        raise StaleError(
            f"it was changed since you read it: you have version {version}, and it is at "
            f"{row.version}; read it again"
        )


Caller = Annotated[Principal, Depends(caller)]
Reading = Annotated["Session", Depends(to_read)]
ServiceOf = Annotated[Service, Depends(service_of)]
PageOf = Annotated[Paging, Depends(paging)]
ChangeOf = Annotated[Change, Depends(change)]
Expected = Annotated[int, Depends(expected)]
