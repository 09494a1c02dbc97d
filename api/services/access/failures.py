"""Addresses that show wrong keys: each may do so a few times, and then must wait."""

from __future__ import annotations

import ipaddress
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from api.errors import TooOftenError, UnauthenticatedError
from api.store.dialect import now
from api.store.tables import LoginFailureRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from api.store.database import Database

MOST = 20
"""Wrong keys that an address may show within the window."""
WINDOW = timedelta(minutes=10)
IPV6_PREFIX = 64
"""Who has one address of such a network has all of them."""


@contextmanager
def failures_counted(database: Database, host: str | None) -> Iterator[None]:
    """Count it when what is shown is not believed; a right key is never refused.

    Parameters
    ----------
    host : the client's address; None if there is none, as on a local socket

    Raises
    ------
    TooOftenError : instead of UnauthenticatedError, when the address has shown too many
    """
    try:
        yield
    except UnauthenticatedError:
        _count(database, address_of(host))
        raise


def address_of(host: str | None) -> str:
    """Return what a client is counted as: its address, or its network in IPv6."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False))


def _count(database: Database, address: str) -> None:
    # First without the lock, which who is refused anyway must not take from others.
    with database.reading() as session:
        _refuse(session, session.get(LoginFailureRow, address))
    try:
        with database.writing() as session:
            _add(session, address)
    except IntegrityError:
        # Another request of the same address was the first: now there is a row to count in.
        with database.writing() as session:
            _add(session, address)


def _add(session: Session, address: str) -> None:
    row = session.get(LoginFailureRow, address, with_for_update=True)
    _refuse(session, row)
    moment = now(session)
    if row is None:
        session.execute(delete(LoginFailureRow).where(LoginFailureRow.since < moment - WINDOW))
        session.add(LoginFailureRow(address=address, since=moment, count=1))
    elif moment >= row.since + WINDOW:
        row.since, row.count = moment, 1
    else:
        row.count += 1


def _refuse(session: Session, row: LoginFailureRow | None) -> None:
    moment = now(session)
    if row is not None and row.count >= MOST and moment < row.since + WINDOW:
        seconds = max(1, ceil((row.since + WINDOW - moment).total_seconds()))
        raise TooOftenError(
            f"{row.count} wrong keys came from this address; a right one is taken at any time, "
            f"and another wrong one in {seconds} s",
            seconds,
        )
