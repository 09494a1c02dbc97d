"""How often one caller may ask: so often a minute, and so often a second.

Who shows nothing that can be read is counted by address. Counts are of this process; a key that is
wrong is counted in the database besides (`services/access/failures.py`).
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
from api.routes.callers import host_of, shown_by
from api.routes.problems import of_service
from api.services.access.failures import address_of

if TYPE_CHECKING:
    from limits import RateLimitItem
    from starlette.types import ASGIApp, Receive, Scope, Send

    from api.settings import Settings


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        refusal = None if scope["type"] != "http" else await self._refusal(Request(scope))
        if refusal is None:
            await self.app(scope, receive, send)
            return
        answer = of_service(Request(scope), refusal)
        await answer(scope, receive, send)

    async def _refusal(self, request: Request) -> TooOftenError | None:
        caller = self._caller(request)
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

    def _caller(self, request: Request) -> str:
        try:
            shown = shown_by(request, self.settings)
        except UnauthenticatedError:
            shown = None
        return address_of(host_of(request)) if shown is None else shown.bucket
