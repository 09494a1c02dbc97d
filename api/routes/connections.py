"""Connections of clients: headers must come whole, soon, and not be large.

Uvicorn waits for them for ever, and its faster protocol takes headers of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.schemas.common import Problem

if TYPE_CHECKING:
    import asyncio


MOST_BYTES = 64 << 10
"""That may come, besides what is read at once, without ending headers, a piece of a body or a
request."""


class PunctualProtocol(HttpToolsProtocol):
    """Hangs up on who begins a request and does not end its headers in time, or at all.

    Attributes
    ----------
    header_seconds : how long they may take
    """

    header_seconds = 15.0
    _late: asyncio.TimerHandle | None = None
    _held = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Go on waiting, unless a request is complete but for its body."""
        self._held += len(data)
        super().data_received(data)
        if self._held > MOST_BYTES and not self.transport.is_closing():
            self.send_400_response(f"There are more than {MOST_BYTES} bytes of headers.")
        if self._is_answering():
            self._wait_no_more()
        elif self._late is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        self._held = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Pass a piece of a request's body on."""
        self._held = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._held = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, of which no app hears, as all other faults are answered."""
        told = Problem(title="Bad Request", status=400, detail=msg, code="bad_request")
        body = told.model_dump_json().encode()
        head = (
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    def _is_answering(self) -> bool:
        # Uvicorn's annotation does not tell that there is none before the first request.
        return bool(self.cycle) and not self.cycle.response_complete

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.header_seconds, self._hang_up)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _hang_up(self) -> None:
        self._late = None
        if not self._is_answering():
            self.transport.close()


def protocol_of(seconds: float) -> type[PunctualProtocol]:
    """Return the protocol of a server whose clients have so long for a request's headers."""
    return type("Protocol", (PunctualProtocol,), {"header_seconds": seconds})
