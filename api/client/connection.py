"""Requests to a service, repeated where that is safe and may help."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import httpx2
from pydantic import BaseModel

from api.client.errors import ApiError, error_of, no_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    Files = list[tuple[str, tuple[str, bytes]]]
    Body = BaseModel | Mapping[str, Any]

Kind = TypeVar("Kind", bound=BaseModel)

AGAIN = frozenset({429, 503})
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds; each wait is twice the one before, where the service does not say how long."""


class Connection:
    """A service, and the key to it.

    Every change has an idempotency key of its own, which stays the same when it is sent again: it
    happens once, also where its first answer was lost.

    Parameters
    ----------
    url : of the service
    key : an API key
    patience : seconds in which a request that may succeed later is sent again
    http : what sends requests; a client for `url` if not given
    sleep : waits some seconds
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patience: float = 60.0,
        http: httpx2.Client | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http or httpx2.Client(timeout=httpx2.Timeout(120.0, connect=10.0))
        self._url, self._patience, self._sleep = url.rstrip("/"), patience, sleep
        self._headers = {"Authorization": f"Bearer {key}"}

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        files: Files | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Return the answer to a request that was done.

        Parameters
        ----------
        params : of the query; one that is None is left out
        body : JSON; files, data : sent as a form, in place of a body

        Raises
        ------
        ApiError : it was not done; NotNowError if it may succeed later
        """
        named = {**self._headers, **(headers or {})}
        if method != "GET":
            named.setdefault("Idempotency-Key", uuid4().hex)
        given = {name: value for name, value in (params or {}).items() if value is not None}
        request = self._http.build_request(
            method,
            self._url + path,
            params=given,
            json=body,
            files=files,
            data=None if data is None else dict(data),
            headers=named,
        )
        request.read()
        ends, wait = time.monotonic() + self._patience, FIRST_WAIT
        while True:
            try:
                response = self._http.send(request)
            except httpx2.TransportError as error:
                failure: ApiError = no_answer(self._url, error)
                told = None
            else:
                if response.is_success:
                    return response
                failure, told = error_of(response), response.headers.get("Retry-After")
                if response.status_code not in AGAIN:
                    raise failure
            pause = float(told) if told is not None and told.isdecimal() else wait
            if time.monotonic() + pause > ends:
                raise failure
            self._sleep(pause)
            wait = min(2 * wait, LONGEST_WAIT)

    def ask(
        self,
        kind: type[Kind],
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Body | None = None,
        version: int | None = None,
    ) -> Kind:
        """Return what a path answers, as a model.

        Parameters
        ----------
        version : that was read of what is to be changed; ChangedError if it has another now
        """
        sent = None if body is None else as_json(body)
        headers = {} if version is None else {"If-Match": f'"v{version}"'}
        told = self.request(method, path, params=params, body=sent, headers=headers)
        return kind.model_validate_json(told.content)

    @contextmanager
    def lines(self, path: str, headers: Mapping[str, str]) -> Iterator[Iterator[str]]:
        """Give the lines of an answer as they come; none where there is nothing more to tell.

        Raises
        ------
        ApiError : it was refused; NotNowError also where the connection is lost
        """
        named = {**self._headers, **headers}
        try:
            with self._http.stream("GET", self._url + path, headers=named) as response:
                if not response.is_success:
                    response.read()
                    raise error_of(response)
                yield response.iter_lines()
        except httpx2.TransportError as error:
            raise no_answer(self._url, error) from error

    def close(self) -> None:
        """Close the connections to the service."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the connection, which the block's end closes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()


def as_json(body: Body) -> Any:
    """Return a model or a mapping as JSON; what was not set is left out."""
    if isinstance(body, BaseModel):
        return body.model_dump(mode="json", exclude_unset=True)
    return dict(body)
