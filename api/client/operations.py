"""What keeps a service going: schedules, keys, the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.client.collection import Editable, Listing
from api.schemas.audit import AuditCheck, AuditGiven, AuditHead
from api.schemas.keys import KeyChange, KeyGiven, KeyMade, NewKey
from api.schemas.people import ErasedGiven, Erasure, PersonGiven
from api.schemas.schedules import ScheduleGiven, SlotGiven

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from api.client.connection import Connection


class Schedules(Editable[ScheduleGiven]):
    """Plans that are made again and again."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/schedules", ScheduleGiven)

    def fire(self, schedule_id: str) -> str:
        """Begin a run at once, besides the slots; return its id."""
        told = self._connection.request("POST", self._at(schedule_id, "fire")).json()
        return str(told["run_id"])

    def slots(self, schedule_id: str) -> Iterator[SlotGiven]:
        """Give the moments at which a schedule was due, newest first."""
        return Listing(self._connection, self._at(schedule_id, "slots"), SlotGiven).all()


class Keys(Listing[KeyGiven]):
    """API keys, but for the keys themselves."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/keys", KeyGiven)

    def get(self, key_id: str) -> KeyGiven:
        """Return one; MissingError if there is none."""
        return self._connection.ask(KeyGiven, "GET", self._at(key_id))

    def make(self, new: NewKey) -> KeyMade:
        """Make a key; its `key` is told only this once."""
        return self._connection.ask(KeyMade, "POST", self._path, body=new)

    def change(self, key_id: str, change: KeyChange, *, version: int) -> KeyGiven:
        """Give a key another name or expiry; ChangedError if it is not at the version read."""
        path = self._at(key_id)
        return self._connection.ask(KeyGiven, "PATCH", path, body=change, version=version)

    def revoke(self, key_id: str) -> KeyGiven:
        """Let a key open nothing any more, at once."""
        return self._connection.ask(KeyGiven, "DELETE", self._at(key_id))


class People:
    """Names and contacts, which are kept apart from the tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, snapshot_id: str, table: str) -> Iterator[PersonGiven]:
        """Give the names and contacts of a snapshot's leads, or reps."""
        path = f"/v1/snapshots/{snapshot_id}/people"
        return Listing(self._connection, path, PersonGiven).all(table=table)

    def erase(self, person: Erasure) -> ErasedGiven:
        """Remove those of one lead or rep from all snapshots; MissingError if there are none."""
        return self._connection.ask(ErasedGiven, "POST", "/v1/people/erase", body=person)


class Audit(Listing[AuditGiven]):
    """Who did what, when."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/audit", AuditGiven)

    def head(self, day: date | None = None) -> AuditHead:
        """Return the newest row's hash, or that of a day, to be kept elsewhere."""
        return self._connection.ask(AuditHead, "GET", self._at("head"), params={"day": day})

    def verify(self) -> AuditCheck:
        """Return whether the trail is as it was written."""
        return self._connection.ask(AuditCheck, "GET", self._at("verify"))
