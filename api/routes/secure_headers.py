"""Headers with which each answer tells browsers what not to do with it.

See the OWASP HTTP Headers Cheat Sheet. There is no CORS: other sites' scripts get nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'"
)
PAGE = "text/html"
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Answers are for one caller; what may be kept, such as a page's style sheet, says so itself.
UNLESS_SAID = {"Cache-Control": "no-store"}
ONLY_HTTPS = "max-age=31536000"


class SecureHeaders:
    """Adds the headers to all that an app answers.

    Parameters
    ----------
    https : whether browsers reach the server over https, and may never do so without
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.always = ALWAYS | ({"Strict-Transport-Security": ONLY_HTTPS} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders) -> None:
        headers.update(self.always)
        for name, value in UNLESS_SAID.items():
            headers.setdefault(name, value)
        # By what it is, not by its address, which is the client's to choose.
        page = headers.get("content-type", "").startswith(PAGE)
        headers["Content-Security-Policy"] = PAGE_POLICY if page else POLICY
