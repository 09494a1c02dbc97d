"""Changes that happen once, also if their request comes again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from api.errors import ConflictError, KeyReusedError
from api.store.dialect import now
from api.store.tables import AnswerRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel
    from sqlalchemy.orm import Session

    from api.store.database import Database

TRIES = 3


@dataclass(frozen=True)
class Asked:
    """A request that may come again.

    Attributes
    ----------
    caller : who asks; key : the caller's idempotency key; None is always a new request
    hash : tells another request with the same key
    """

    caller: str
    key: str | None
    hash: str


@dataclass(frozen=True)
class Answer:
    """What a request is answered.

    Attributes
    ----------
    status : of HTTP
    body : JSON
    headers : besides those that every answer has
    once : of the body, what is told only now: a secret, which is not kept for a repeated request
    """

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    once: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, body: BaseModel, status: int = 200, **headers: str) -> Answer:
        """Return an answer with a model; underscores in names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, body.model_dump(mode="json", by_alias=True), named)


def change_once(
    database: Database,
    asked: Asked,
    change: Callable[[Session], Answer],
    refuse: Callable[[Session], None] | None = None,
) -> Answer:
    """Make a change in one transaction with its answer; of a repeated key, return the first one's.

    Parameters
    ----------
    change : is called again, in a new transaction, if another request interferes
    refuse : raises what the change would, in a transaction that only reads: who is refused again
        and again does not take the database from those who write

    Raises
    ------
    KeyReusedError : the caller had the key for another request
    ConflictError : other requests interfered each time
    ServiceError, FairleadError : from the change; nothing is kept then
    """
    if refuse is not None:
        with database.reading() as session:
            if _repeated(session, asked) is None:
                refuse(session)
    for _ in range(TRIES):
        try:
            with database.writing() as session:
                return _repeated(session, asked) or _made(session, asked, change)
        except IntegrityError as error:
            # Another request was faster: of the same key, or with a name that must be unique. Now
            # its rows can be seen, and what was checked before the change is checked against them.
            interfered = error
    raise ConflictError("other requests change the same things; try again") from interfered


def _repeated(session: Session, asked: Asked) -> Answer | None:
    if asked.key is None:
        return None
    row = session.get(AnswerRow, (asked.caller, asked.key))
    if row is None:
        return None
    if row.request_hash != asked.hash:
        raise KeyReusedError(
            f"the idempotency key {asked.key!r} was used for another request; give each request a "
            "key of its own"
        )
    return Answer(row.status, row.body, {**row.headers, "Idempotency-Replayed": "true"})


def _made(session: Session, asked: Asked, change: Callable[[Session], Answer]) -> Answer:
    answer = change(session)
    if asked.key is not None:
        row = AnswerRow(
            caller=asked.caller,
            key=asked.key,
            request_hash=asked.hash,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            created_at=now(session),
        )
        session.add(row)
    # Here, so that a key that came twice at the same moment is found while it can be tried again.
    session.flush()
    return answer
