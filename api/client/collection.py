"""What all resources of the service have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.client.connection import Body, Connection

Kind = TypeVar("Kind", bound=BaseModel)


class Listing(Generic[Kind]):
    """Things of a kind that can be listed.

    Parameters
    ----------
    path : where they are; kind : what each is told as
    """

    def __init__(self, connection: Connection, path: str, kind: type[Kind]) -> None:
        self._connection, self._path, self._kind = connection, path, kind

    def all(self, **params: Any) -> Iterator[Kind]:
        """Give all things of the list, page by page, as they are taken."""
        cursor = None
        while True:
            told = self._connection.request(
                "GET", self._path, params={**params, "cursor": cursor}
            ).json()
            for item in told["items"]:
                yield self._kind.model_validate(item)
            cursor = told["next"]
            if cursor is None:
                return

    def _at(self, *parts: str) -> str:
        """Return a path below theirs."""
        return "/".join([self._path, *(quote(part, safe="") for part in parts)])


class Growing(Listing[Kind]):
    """Things that can be added to."""

    def add(self, body: Body) -> Kind:
        """Add one, once, however often the request must be sent; return what it became."""
        return self._connection.ask(self._kind, "POST", self._path, body=body)


class Collection(Growing[Kind]):
    """Things with ids, which do not change when they are there."""

    def get(self, thing_id: str) -> Kind:
        """Return one; MissingError if there is none."""
        return self._connection.ask(self._kind, "GET", self._at(thing_id))


class Editable(Collection[Kind]):
    """Things that change; each tells its `version`."""

    def change(self, thing_id: str, body: Body, *, version: int) -> Kind:
        """Change one; ChangedError if it is not at the version that was read."""
        path = self._at(thing_id)
        return self._connection.ask(self._kind, "PATCH", path, body=body, version=version)

    def remove(self, thing_id: str, *, version: int) -> Kind:
        """Remove one, and return it; ChangedError if it is not at the version that was read."""
        return self._connection.ask(self._kind, "DELETE", self._at(thing_id), version=version)
