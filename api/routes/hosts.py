"""Only requests for names of this server are answered.

Another name may be an attack by DNS rebinding, and what is made of it, such as a link, would lead
to another server.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request

from api.routes.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")


class KnownHosts:
    """Refuses requests whose Host is none of the server's.

    Parameters
    ----------
    hosts : names without ports; `*` is any
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str]) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http" or "*" in self.hosts or self._is_ours(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        told = (
            "the request is for a host that is none of this server's names; an administrator lists "
            "them in FAIRLEAD_ALLOWED_HOSTS"
        )
        answer = problem(Request(scope), 400, "unknown_host", told)
        await answer(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        given = headers.getlist("host")
        found = HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        return found is not None and found[1] in self.hosts
