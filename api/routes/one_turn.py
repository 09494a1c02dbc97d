"""A request takes one turn of the pool of threads: its transaction, its work and its answer's text.

The framework's own way takes four: to begin a transaction, to work, to look at the answer, to end
the transaction. Each turn waits for the interpreter's lock, so many requests at the same time
would spend most of their time with waiting, each with a connection in hand.
"""

from __future__ import annotations

import functools
import inspect
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.routes.aside import waiting
from api.routes.json_bodies import JsonRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fastapi import Request

    from api.store.database import Database


@dataclass(frozen=True)
class ToRead:
    """Stands for a transaction that only reads, until the turn begins."""

    database: Database


class OneTurn(APIRoute):
    """Calls a function of ours, if it is not asynchronous, with an open transaction; no JSON that
    it gets has a key twice.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if not inspect.iscoroutinefunction(endpoint):
            status = options.get("status_code") or 200
            endpoint = waiting(_in_one_turn(endpoint, status))
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers requests."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await answer(JsonRequest(request.scope, request.receive))

        return handle


def _in_one_turn(endpoint: Callable[..., Any], status: int) -> Callable[..., Any]:
    @functools.wraps(endpoint)
    def call(**given: Any) -> Any:
        with ExitStack() as transactions:
            for name, value in given.items():
                if isinstance(value, ToRead):
                    given[name] = transactions.enter_context(value.database.reading())
            told = endpoint(**given)
        # Who sets headers of an answer leaves it to the framework.
        if isinstance(told, BaseModel) and not _has_answer(given):
            return Response(
                told.model_dump_json(by_alias=True), status, media_type="application/json"
            )
        return told

    return call


def _has_answer(given: dict[str, Any]) -> bool:
    return any(isinstance(value, Response) for value in given.values())
