"""How often one caller may ask: so often a minute, and so often a second.

Who shows nothing by which this process has recognized somebody is counted by address, or a new
guess each time would be a new caller. Counts are of this process; a key that is wrong is counted in
the database besides (`services/access/failures.py`).
"""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.requests import Request

from api.errors import TooOftenError, UnauthenticatedError
from api.routes.callers import host_of, is_recognized, shown_by
from api.routes.problems import of_service
from api.services.access.failures import address_of

if TYPE_CHECKING:
    from limits import RateLimitItem
    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.settings import Settings


MOST = 10_000
"""Callers who are remembered; each costs some hundred bytes."""


class Rates:
    """Refuses callers who ask too often, before anything is done for them."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.limits: tuple[RateLimitItem, ...] = (
            RateLimitItemPerSecond(settings.burst),
            RateLimitItemPerMinute(settings.requests_per_minute),
        )
        # The one for threads begins a thread each time to look for what is over.
        self.counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        self.recognized: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        bucket = self._bucket(request)
        known = bucket if bucket in self.recognized else None
        refusal = await self._refusal(known or address_of(host_of(request)))
        if refusal is not None:
            await of_service(request, refusal)(scope, receive, send)
            return
        await self.app(scope, receive, send)
        if bucket is not None and known is None and is_recognized(request):
            if len(self.recognized) >= MOST:
                self.recognized.clear()
            self.recognized.add(bucket)

    async def _refusal(self, caller: str) -> TooOftenError | None:
        for limit in self.limits:
            if not await self.counts.hit(limit, caller):
                stands = await self.counts.get_window_stats(limit, caller)
                seconds = max(1, ceil(stands.reset_time - time.time()))
                return TooOftenError(
                    f"more than {limit.amount} requests in a {limit.GRANULARITY.name} came from "
                    f"you; ask again in {seconds} s, and less often",
                    seconds,
                )
        return None

    def _bucket(self, request: Request) -> str | None:
        try:
            shown = shown_by(request, self.settings)
        except UnauthenticatedError:
            return None
        return None if shown is None else shown.bucket
