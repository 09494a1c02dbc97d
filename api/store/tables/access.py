"""The tables of who may do what: keys, signing in, sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import HASH_LENGTH, ID_LENGTH, NAME_LENGTH, WORD_LENGTH, Table


class KeyRow(Table):
    """An API key; what it is itself is not kept, only its hash.

    Attributes
    ----------
    prefix : how it begins, to tell keys apart; hash : SHA-256 of the whole key
    role : of `api.services.access.roles`
    limits : {"rights": [...], "teams": [...], "regions": [...], "rep_id": ...}: each present one
        narrows what the role may
    person : names of whose it is, sorted
    version : grows with each change, for ETags
    """

    __tablename__ = "keys"
    __table_args__ = (UniqueConstraint("hash"), Index(None, "created_at", "id"))

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    prefix: Mapped[str] = mapped_column(String(WORD_LENGTH))
    hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    role: Mapped[str] = mapped_column(String(WORD_LENGTH))
    limits: Mapped[dict[str, Any]]
    person: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(NAME_LENGTH))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    last_used_at: Mapped[datetime | None]


class SignInRow(Table):
    """A way in that works once: a one-time link, or a sign-in under way at an identity provider.

    Attributes
    ----------
    hash : SHA-256 of the secret that is shown in the link, or is the state of the code flow
    key_id : whose key it signs in with; null for an identity provider
    data : what the code flow must remember
    """

    __tablename__ = "sign_ins"

    hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    key_id: Mapped[str | None] = mapped_column(ForeignKey("keys.id"))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SessionRow(Table):
    """A browser that is signed in.

    Attributes
    ----------
    hash : SHA-256 of the id in its cookie; csrf_hash : of the token that each change must carry
    key_id : the key it signed in with, which still must be valid; null for an identity provider
    principal : who it is, where an identity provider said so
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "expires_at"),)

    hash: Mapped[str] = mapped_column(String(HASH_LENGTH), primary_key=True)
    csrf_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    key_id: Mapped[str | None] = mapped_column(ForeignKey("keys.id"))
    principal: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginFailureRow(Table):
    """How often an address has shown no valid key of late.

    Attributes
    ----------
    address : of the client; since : when counting began anew
    """

    __tablename__ = "login_failures"

    address: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]
