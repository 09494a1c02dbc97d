"""A client that holds every request against the audit trail: a change has exactly one row, and what
changes nothing, or fails, has none.
"""

from __future__ import annotations

from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.errors import ServiceError
from api.store.tables import AuditHeadRow

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import Response

    from api.store.database import Database

READING = ("GET", "HEAD", "OPTIONS")
CHANGES_NOTHING = ("/validate", "/v1/comparisons", "/v1/recommendations")
"""Ends of addresses to which something is sent that is only looked at."""
SIGN_IN = ("/sign-in", "/session")
"""Ends of addresses of who comes and goes, which changes nothing of the company's."""
KEYS = "/v1/keys/"
"""Of which one that was revoked may be revoked again, which changes nothing."""


class AuditedClient(TestClient):
    """A test client whose requests are checked, as long as they come one after another.

    Attributes
    ----------
    audited : whether they are; a test in which others change things at the same time says False
    """

    def __init__(self, app: FastAPI, database: Database, headers: dict[str, str]) -> None:
        super().__init__(app, headers=headers, raise_server_exceptions=False)
        self._database = database
        self.audited = True

    def request(self, method: str, url: Any, **more: Any) -> Response:
        """Send a request, and look at what it left in the trail."""
        before = self._rows(method)
        answer: Response = super().request(method, url, **more)
        after = self._rows(method)
        if before is not None and after is not None:
            path = answer.request.url.path
            assert after - before in _allowed(path, answer), (
                f"{method} {path} was answered {answer.status_code}, and left {after - before} "
                "rows in the audit trail"
            )
        return answer

    def _rows(self, method: str) -> int | None:
        """Return how many rows there are; None where that tells nothing, or nobody can tell."""
        if method.upper() in READING or not self.audited or current_thread() is not main_thread():
            return None
        try:
            with self._database.reading() as session:
                return session.scalars(select(AuditHeadRow.number)).one()
        except ServiceError:
            return None


def _allowed(path: str, answer: Response) -> tuple[int, ...]:
    if answer.status_code >= 400 or answer.headers.get("idempotency-replayed"):
        return (0,)
    if path.endswith(SIGN_IN) or (path.startswith(KEYS) and answer.request.method == "DELETE"):
        return 0, 1
    return (0,) if path.endswith(CHANGES_NOTHING) else (1,)
