"""How large and how slow a request's body may be, and of which kind.

The server reads a body before a route is asked, so this is looked at while it arrives: nothing
larger than the limit is ever held, who is not known may send little, and who sends slowly is cut
off without keeping anybody else waiting.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.errors import ServiceError
from api.routes.callers import found_by
from api.routes.problems import of_http

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from api.services.service import Service

STRANGERS = 64 << 10
"""Bytes that anybody may send: enough for a sign-in."""
HEADERS = 32 << 10
"""Bytes of all headers: a token has 8 KB at most."""
BYTES_PER_SECOND = 64 << 10
"""So many bytes of a body earn it another second."""
FORM = "application/x-www-form-urlencoded"
# The rest of the body is not read, so the connection cannot carry another request.
CLOSE = {"Connection": "close"}


class Bodies:
    """Refuses bodies while they arrive."""

    def __init__(self, app: ASGIApp, *, service: Service) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(self.service, Request(scope), receive)
        try:
            await body.begin()
        except HTTPException as error:
            answer = of_http(Request(scope), error)
            await answer(scope, receive, send)
        else:
            await self.app(scope, body.receive, send)


class _Body:
    """One request's body.

    What is wrong with it is raised as Starlette's own error: others are taken for unreadable JSON
    by who reads it.
    """

    def __init__(self, service: Service, request: Request, receive: Receive) -> None:
        self._service = service
        self._request = request
        self._receive = receive
        self._most = round(service.settings.max_body_mb * 1_000_000)
        self._received = 0
        self._begun_at: float | None = None
        self._ended = False
        self._trusted = False

    async def begin(self) -> None:
        """Look at what the headers tell of it."""
        if sum(len(name) + len(value) for name, value in self._request.headers.raw) > HEADERS:
            raise HTTPException(431, f"the headers have more than {HEADERS} bytes", CLOSE)
        if self._request.headers.get("content-type", "").lower().startswith(FORM):
            raise HTTPException(
                415, "urlencoded forms are not taken; send JSON, or files as multipart", CLOSE
            )
        length = self._request.headers.get("content-length", "")
        await self._check(int(length) if length.isdecimal() and len(length) < 20 else 0)

    async def receive(self) -> Message:
        """Return the next piece of it."""
        if self._ended:
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self._begun_at is None:
            self._begun_at = loop.time()
        allowed = self._service.settings.body_seconds + self._received / BYTES_PER_SECOND
        try:
            async with asyncio.timeout_at(self._begun_at + allowed):
                message = await self._receive()
        except TimeoutError:
            told = f"{self._received} bytes of the body came within {allowed:.0f} s; send it faster"
            raise HTTPException(408, told, CLOSE) from None
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._ended = not message.get("more_body", False)
            await self._check(self._received)
        return message

    async def _check(self, size: int) -> None:
        if size > self._most:
            raise HTTPException(
                413,
                f"the body has more than {self._most} bytes, which is the most that this "
                "installation takes; send less at a time, or have FAIRLEAD_MAX_BODY_MB raised",
                CLOSE,
            )
        if size > STRANGERS and not self._trusted:
            try:
                await run_in_threadpool(found_by, self._request, self._service)
            except ServiceError as error:
                headers = {**CLOSE, **error.headers}
                raise HTTPException(error.status, str(error), headers) from error
            self._trusted = True
