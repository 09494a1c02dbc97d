"""What reaches the company: publications, the pool, books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from api.client.collection import Collection, Thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client.connection import Connection


class Publications(Collection[Thing]):
    """Plans on their way to being the current assignment."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/publications", Thing)

    def current(self) -> Thing:
        """Return the current publication; MissingError before the first."""
        return self.get("current")

    def changes(self, publication_id: str, *, since: int) -> Iterator[Thing]:
        """Give the leads whose rep is another than in an earlier publication, by its number."""
        path = f"{self._path}/{publication_id}/changes"
        return Collection(self._connection, path, Thing).all(since=since)

    def submit(self, publication_id: str, *, version: int) -> Thing:
        """Submit a draft; it cannot change any more."""
        return self.step(publication_id, "submit", version=version)

    def approve(self, publication_id: str, *, version: int) -> Thing:
        """Approve what was submitted."""
        return self.step(publication_id, "approve", version=version)

    def reject(self, publication_id: str, reason: str, *, version: int) -> Thing:
        """Reject what was submitted."""
        return self.step(publication_id, "reject", {"reason": reason}, version=version)

    def publish(self, publication_id: str, *, version: int) -> Thing:
        """Make what was approved the current assignment."""
        return self.step(publication_id, "publish", version=version)


class Pool(Collection[Thing]):
    """The leads without an owner."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/pool", Thing)

    def claim(self, lead_id: str, **body: Any) -> Thing:
        """Take a lead from the pool; ConflictingError if somebody else has it."""
        return self.step(quote(lead_id, safe=""), "claim", body or None)

    def put_back(self, lead_id: str, reason: str) -> Thing:
        """Return a lead to the pool."""
        return self.step(quote(lead_id, safe=""), "return", {"reason": reason})


class Books(Collection[Thing]):
    """Which leads each rep holds."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/books", Thing)

    def of(self, rep_id: str) -> Iterator[Thing]:
        """Give the leads of a rep's book."""
        path = f"{self._path}/{quote(rep_id, safe='')}"
        return Collection(self._connection, path, Thing).all()
