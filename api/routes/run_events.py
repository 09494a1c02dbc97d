"""/v1/runs/{run_id}/events: a run's progress as server-sent events.

Between two events an open answer holds neither a connection of the database nor a thread.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated

import anyio
from fastapi import APIRouter, Header
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.errors import ServiceError
from api.routes.one_turn import OneTurn
from api.routes.requests import Caller, ServiceOf
from api.schemas.common import Id
from api.schemas.runs import RunGiven
from api.services.access.principal import Principal
from api.services.runs import get_run, told
from api.services.service import Service
from api.services.streams import Streams

router = APIRouter(prefix="/v1/runs", tags=["runs"], route_class=OneTurn)

LOOK_SECONDS = 0.5
QUIET_SECONDS = 15.0
"""After so long without news a comment keeps the connection from being taken for dead."""
LONGEST_SECONDS = 60.0
"""Then the answer ends and the caller asks again, from the last event on: so a key that was revoked
does not go on reading."""
PROGRESS, ENDED = "progress", "ended"
MEDIA_TYPE = "text/event-stream"
EVENT = {
    "type": "object",
    "required": ["event", "id", "data"],
    "properties": {
        "event": {"type": "string", "enum": [PROGRESS, ENDED]},
        "id": {"type": "string", "description": "what to send as Last-Event-ID"},
        "data": {"type": "string", "description": "the run, as JSON"},
    },
}
"""What one event is, once its lines are put together."""


class EventStream(StreamingResponse):
    """An answer that counts among those that stay open, from its first byte to its last."""

    media_type = MEDIA_TYPE

    def __init__(self, events: AsyncIterator[bytes], streams: Streams) -> None:
        # Proxies must pass each event on at once.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers)
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; BusyError before the first byte if too many callers follow runs."""
        with self._streams.one():
            await super().__call__(scope, receive, send)


@router.get(
    "/{run_id}/events",
    response_class=Response,
    responses={
        200: {
            "description": "events `progress` and, as the last one, `ended`, each with the run",
            "content": {MEDIA_TYPE: {"schema": EVENT}},
        },
        204: {"description": "the run has ended, and its last event was told: do not ask again"},
    },
)
def events(
    run_id: Id,
    service: ServiceOf,
    who: Caller,
    last: Annotated[
        str | None,
        Header(alias="Last-Event-ID", max_length=64, description="of the last event received"),
    ] = None,
) -> Response:
    """Follow a run until it ends."""
    run = _look(service, run_id, who)
    if run.ended_at is not None and last == _id_of(run):
        return Response(status_code=204)
    return EventStream(_events(service, run_id, who, last), service.streams)


async def _events(
    service: Service, run_id: str, who: Principal, last: str | None
) -> AsyncIterator[bytes]:
    end = monotonic() + LONGEST_SECONDS
    told_at = monotonic()
    while True:
        try:
            run = await run_in_threadpool(_look, service, run_id, who)
        except ServiceError:
            # The status was sent long ago; whoever asks again is told what is wrong.
            return
        event_id, has_ended = _id_of(run), run.ended_at is not None
        if event_id != last:
            last, told_at = event_id, monotonic()
            yield format_sse_event(
                data_str=run.model_dump_json(), event=ENDED if has_ended else PROGRESS, id=event_id
            )
        elif monotonic() - told_at > QUIET_SECONDS:
            told_at = monotonic()
            yield KEEPALIVE_COMMENT
        if has_ended or monotonic() > end:
            return
        await anyio.sleep(LOOK_SECONDS)


def _look(service: Service, run_id: str, who: Principal) -> RunGiven:
    with service.database.reading() as session:
        return told(session, [get_run(session, run_id)], who)[0]


def _id_of(run: RunGiven) -> str:
    """Return what tells one state of a run from another."""
    return hashlib.sha256(run.model_dump_json().encode()).hexdigest()[:16]
