"""What many do at the same moment: links, last keys, first starts and wrong keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from sqlalchemy import select

from api.errors import ConflictError, TooOftenError, UnauthenticatedError
from api.services.access.failures import MOST, failures_counted
from api.services.access.first_key import first_key
from api.services.access.key_ring import revoke_key, valid_admins
from api.services.access.keys import add_key, principal_of_row
from api.services.access.links import add_way_in, key_of_link
from api.services.access.roles import Role
from api.settings import Settings
from api.store.tables import KeyRow, LoginFailureRow
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store.database import Database

MANY = 6


def at_once(*works: Callable[[], str]) -> list[str]:
    """Do things in threads that begin together; return what each tells."""
    barrier = Barrier(len(works))

    def begin(work: Callable[[], str]) -> str:
        barrier.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))


def test_a_link_that_many_follow_signs_one_in(database: Database) -> None:
    with database.writing() as session:
        row, _ = add_key(session, "Ann", Role.VIEWER, {}, actor="test")
        session.flush()
        secret = add_way_in(session, Settings(), key_id=row.id)

    def follow() -> str:
        try:
            with database.writing() as session:
                return key_of_link(session, secret).name
        except UnauthenticatedError:
            return "refused"

    assert sorted(at_once(*[follow] * MANY)) == ["Ann", *["refused"] * (MANY - 1)]


def test_two_who_revoke_each_other_leave_one(database: Database) -> None:
    with database.writing() as session:
        ids = [
            add_key(session, name, Role.ADMIN, {}, actor="test")[0].id for name in ("Ann", "Bob")
        ]

    def revoking(own: str, other: str) -> Callable[[], str]:
        def revoke() -> str:
            try:
                with database.writing() as session:
                    who = principal_of_row(session.get_one(KeyRow, own))
                    revoke_key(session, other, who)
            except ConflictError:
                return "refused"
            return "revoked"

        return revoke

    told = at_once(revoking(ids[0], ids[1]), revoking(ids[1], ids[0]))
    assert sorted(told) == ["refused", "revoked"]
    with database.reading() as session:
        assert len(valid_admins(session)) == 1
    assert broken(database) == []


def test_servers_that_start_together_make_one_key(database: Database) -> None:
    def start() -> str:
        with database.writing() as session:
            return "none" if first_key(session, Settings()) is None else "made"

    assert sorted(at_once(*[start] * MANY)) == ["made", *["none"] * (MANY - 1)]
    assert broken(database) == []


def test_wrong_keys_at_once_are_all_counted(database: Database) -> None:
    def guess() -> str:
        try:
            with failures_counted(database, "192.0.2.1"):
                raise UnauthenticatedError("wrong")
        except (UnauthenticatedError, TooOftenError) as error:
            return error.code

    told = [code for _ in range(4) for code in at_once(*[guess] * MANY)]
    assert told.count("unauthenticated") == MOST
    assert told.count("too_often") == 4 * MANY - MOST
    with database.reading() as session:
        assert session.scalars(select(LoginFailureRow.count)).one() == MOST
