"""API keys: 256 random bits, of which only a hash is kept.

So much chance needs no slow hash: nobody finds the key of a hash by trying.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from api.errors import UnauthenticatedError
from api.services.access.principal import Principal
from api.services.access.roles import Role
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import KeyRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from api.store.columns import Json

MARK = "flk_"
"""How every key begins, so that scanners for lost secrets know one."""
SHOWN = len(MARK) + 6
"""Characters of a key that are kept readable, to tell keys apart."""
USE_KNOWN_FOR = timedelta(minutes=5)
"""A key's last use is written at most so often: each writing would wait for other writers."""


def hash_of(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_key(
    session: Session,
    name: str,
    role: Role,
    limits: Json,
    *,
    actor: str,
    expires_at: datetime | None = None,
    person: Collection[str] | None = None,
    for_somebody_else: bool = False,
) -> tuple[KeyRow, str]:
    """Make a key; return its row and the key itself, which nobody can show again.

    Parameters
    ----------
    person : names of whose it is; of a person of its own if not given
    for_somebody_else : whether its maker has named somebody else, which the audit trail tells
        without the name
    """
    key_id = new_id()
    secret = MARK + secrets.token_urlsafe(32)
    row = KeyRow(
        id=key_id,
        name=name,
        prefix=secret[:SHOWN],
        hash=hash_of(secret),
        role=role,
        limits=limits,
        person=sorted([f"key:{key_id}"] if person is None else person),
        version=1,
        created_at=now(session),
        created_by=actor,
        expires_at=expires_at,
    )
    session.add(row)
    detail = {
        "role": role,
        "limits": limits,
        "prefix": row.prefix,
        "for_somebody_else": for_somebody_else,
    }
    append_audit(session, actor, "key_created", row.id, detail)
    return row, secret


def valid_key(session: Session, secret: str) -> KeyRow:
    """Return the row of a key.

    Raises
    ------
    UnauthenticatedError : it is none, revoked or expired; never says which, nor shows it
    """
    row = session.scalars(select(KeyRow).where(KeyRow.hash == hash_of(secret))).one_or_none()
    if row is None or not is_valid(session, row):
        raise UnauthenticatedError(
            "the key is unknown, revoked or expired; ask an administrator for a new one"
        )
    return row


def note_use(session: Session, secret: str) -> None:
    """Write that a key was used."""
    query = update(KeyRow).where(KeyRow.hash == hash_of(secret))
    session.execute(query.values(last_used_at=now(session)))


def is_valid(session: Session, row: KeyRow) -> bool:
    """Return whether a key was neither revoked nor has expired."""
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now(session))


def principal_of_row(row: KeyRow) -> Principal:
    """Return whom a key stands for."""
    return Principal.of(f"key:{row.id}", row.name, Role(row.role), row.limits, row.person)
