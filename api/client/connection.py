"""Requests to a service, repeated where that is safe and may help."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx2

from api.client.errors import ApiError, error_of, no_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    Files = list[tuple[str, tuple[str, bytes]]]

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

    def close(self) -> None:
        """Close the connections to the service."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return the connection, which the block's end closes."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()
