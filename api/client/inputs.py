"""What plans are made from: snapshots and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.client.collection import Collection, Listing
from api.schemas.people import ErasedGiven, Erasure, PersonGiven
from api.schemas.policies import NewPolicy, PolicyGiven, PolicyText, Sentences, Validity
from api.schemas.snapshots import IssueGiven, SnapshotGiven, Withdrawal
from models.files.snapshot_files import HEADER_FILE
from models.files.table_reader import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from api.client.connection import Connection, Files
    from api.schemas.people import PeopleTable


class Snapshots(Collection[SnapshotGiven]):
    """The company's tables at moments."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/snapshots", SnapshotGiven)

    def send(self, directory: Path, *, change_company: bool = False) -> SnapshotGiven:
        """Send a company directory; RefusedError with every fault of its tables.

        Every table goes, also one of an unknown name, which is refused; what is no table, such as a
        policy or a plan beside them, stays here.

        Parameters
        ----------
        change_company : whether they may be of another company than the newest tables; else
            ConflictingError
        """
        there = sorted(directory.iterdir())
        tables = [path for path in there if path.suffix in SUFFIXES or path.name == HEADER_FILE]
        return self._send(_files(tables), {}, change_company=change_company)

    def send_export(
        self,
        files: Iterable[Path],
        mapping: Path,
        *,
        as_of: datetime | None = None,
        change_company: bool = False,
    ) -> SnapshotGiven:
        """Send files of a CRM's export with their mapping; RefusedError with every fault.

        Parameters
        ----------
        as_of : when the export was true, if its mapping does not say
        change_company : as in `send`
        """
        sent = [*_files(files), ("mapping", (mapping.name, mapping.read_bytes()))]
        data = {} if as_of is None else {"as_of": as_of.isoformat()}
        return self._send(sent, data, change_company=change_company)

    def withdraw(self, snapshot_id: str, reason: str) -> SnapshotGiven:
        """Have nothing go by a snapshot any more; ConflictingError if nothing does already."""
        path, body = self._at(snapshot_id, "withdraw"), Withdrawal(reason=reason)
        return self._connection.ask(SnapshotGiven, "POST", path, body=body)

    def issues(self, snapshot_id: str) -> Iterator[IssueGiven]:
        """Give the warnings and remarks about a snapshot."""
        return Listing(self._connection, self._at(snapshot_id, "issues"), IssueGiven).all()

    def people(self, snapshot_id: str, table: PeopleTable) -> Iterator[PersonGiven]:
        """Give the names and contacts of a snapshot's leads or reps, which are kept apart."""
        path = self._at(snapshot_id, "people")
        return Listing(self._connection, path, PersonGiven).all(table=table)

    def erase(self, table: PeopleTable, record_id: str) -> ErasedGiven:
        """Remove the names and contacts of one lead or rep from all snapshots."""
        body = Erasure(table=table, id=record_id)
        return self._connection.ask(ErasedGiven, "POST", "/v1/people/erase", body=body)

    def _send(self, files: Files, data: dict[str, str], *, change_company: bool) -> SnapshotGiven:
        if change_company:
            data = {**data, "change_company": "true"}
        told = self._connection.request("POST", self._path, files=files, data=data)
        return SnapshotGiven.model_validate_json(told.content)


class Policies(Collection[PolicyGiven]):
    """Versions of policies."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/policies", PolicyGiven)

    def send(self, name: str, text: str) -> PolicyGiven:
        """Keep a policy as the next version of its name; RefusedError with every fault."""
        return self.add(NewPolicy(name=name, text=text))

    def validate(self, text: str, *, snapshot: str | None = None) -> Validity:
        """Tell whether a policy can be used, and fits tables, without keeping it."""
        body = PolicyText(text=text, snapshot=snapshot)
        return self._connection.ask(Validity, "POST", self._at("validate"), body=body)

    def sentences(self, policy_id: str) -> list[str]:
        """Return a policy in plain English."""
        path = self._at(policy_id, "sentences")
        return self._connection.ask(Sentences, "GET", path).sentences


def _files(paths: Iterable[Path]) -> Files:
    return [("files", (path.name, path.read_bytes())) for path in paths if path.is_file()]
