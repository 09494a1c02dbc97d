"""What all resources of the service have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from api.schemas.common import Given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from api.client.connection import Connection

    Body = BaseModel | Mapping[str, Any]

Kind = TypeVar("Kind", bound=BaseModel)


class Thing(Given):
    """Something that the service gives, with whatever fields it has."""

    model_config = ConfigDict(extra="allow")


class Collection(Generic[Kind]):
    """Things of a kind.

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

    def get(self, thing_id: str) -> Kind:
        """Return one; MissingError if there is none."""
        told = self._connection.request("GET", f"{self._path}/{thing_id}")
        return self._kind.model_validate_json(told.content)

    def add(self, body: Body) -> Kind:
        """Add one, once, however often the request must be sent; return what it became."""
        told = self._connection.request("POST", self._path, body=as_json(body))
        return self._kind.model_validate_json(told.content)

    def remove(self, thing_id: str, *, version: int | None = None) -> None:
        """Remove one; ChangedError if it is not at the version that was read."""
        self._connection.request("DELETE", f"{self._path}/{thing_id}", headers=if_match(version))

    def change(self, thing_id: str, body: Body, *, version: int) -> Kind:
        """Change one; ChangedError if it is not at the version that was read."""
        told = self._connection.request(
            "PATCH", f"{self._path}/{thing_id}", body=as_json(body), headers=if_match(version)
        )
        return self._kind.model_validate_json(told.content)

    def step(
        self, thing_id: str, name: str, body: Body | None = None, *, version: int | None = None
    ) -> Kind:
        """Take a step with one, as its status allows; return what it became."""
        told = self._connection.request(
            "POST",
            f"{self._path}/{thing_id}/{name}",
            body=None if body is None else as_json(body),
            headers=if_match(version),
        )
        return self._kind.model_validate_json(told.content)


def as_json(body: Body) -> Any:
    """Return a model or a mapping as JSON; what was not set is left out."""
    if isinstance(body, BaseModel):
        return body.model_dump(mode="json", exclude_unset=True)
    return dict(body)


def if_match(version: int | None) -> dict[str, str]:
    """Return the header that says which version was read."""
    return {} if version is None else {"If-Match": f'"v{version}"'}
