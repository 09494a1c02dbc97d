"""What reaches the company: publications, the pool, books, feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.client.collection import Collection, Growing, Listing
from api.client.tables import fetch_table
from api.schemas.feedback import FeedbackGiven, FeedbackSummary
from api.schemas.pool import BookGiven, Claim, PoolLead, TransferGiven, Why
from api.schemas.publications import (
    BreachGiven,
    DraftChange,
    PublicationGiven,
    Rejection,
    RollBack,
    Submission,
)

if TYPE_CHECKING:
    import pandas as pd

    from api.client.connection import Body, Connection

CURRENT = "current"


class Publications(Collection[PublicationGiven]):
    """Plans on their way to being the current assignment."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/publications", PublicationGiven)

    def current(self) -> PublicationGiven:
        """Return the current publication; MissingError before the first."""
        return self.get(CURRENT)

    def assignments(self, publication_id: str = CURRENT, *, names: bool = False) -> pd.DataFrame:
        """Return who has which lead now, also by what changed hands since; or who had it when a
        publication was made.

        Parameters
        ----------
        names : with names and contacts; NotAllowedError where the key may not see them
        """
        more = {"names": True} if names else {}
        return fetch_table(self._connection, self._at(publication_id, "assignments"), **more)

    def refused(self, publication_id: str) -> pd.DataFrame:
        """Return the leads that kept their owner: one whom the plan did not know, or because of a
        pin.
        """
        return fetch_table(self._connection, self._at(publication_id, "refused"))

    def breaches(self, publication_id: str) -> list[BreachGiven]:
        """Return the rules that a publication breaks together with all that stays as it is."""
        path = self._at(publication_id, "breaches")
        return list(Listing(self._connection, path, BreachGiven).all())

    def changes(self, *, since: int) -> pd.DataFrame:
        """Return the leads that have another rep than in an earlier publication, by its number, or
        are in only one of the two.
        """
        return fetch_table(self._connection, self._at("changes"), since=since)

    def edit(self, publication_id: str, change: DraftChange, *, version: int) -> PublicationGiven:
        """Change a draft; ChangedError if it is not at the version that was read."""
        path = self._at(publication_id)
        return self._connection.ask(self._kind, "PATCH", path, body=change, version=version)

    def submit(self, publication_id: str, *, drop_most_leads: bool = False) -> PublicationGiven:
        """Submit a draft; it cannot change any more.

        Parameters
        ----------
        drop_most_leads : whether most leads of the current publication may be gone afterwards
        """
        said = Submission(drop_most_leads=True) if drop_most_leads else None
        return self._step(publication_id, "submit", said)

    def approve(self, publication_id: str) -> PublicationGiven:
        """Approve what somebody else has submitted."""
        return self._step(publication_id, "approve")

    def reject(self, publication_id: str, reason: str) -> PublicationGiven:
        """Reject what is not published; who plans takes back drafts and what they submitted."""
        return self._step(publication_id, "reject", Rejection(reason=reason))

    def publish(self, publication_id: str) -> PublicationGiven:
        """Make what was approved the current assignment, now or at its date."""
        return self._step(publication_id, "publish")

    def roll_back(self, publication_id: str, note: str = "") -> PublicationGiven:
        """Publish the assignment of an earlier publication again, as a new one."""
        return self._step(publication_id, "roll-back", RollBack(note=note))

    def _step(self, publication_id: str, name: str, body: Body | None = None) -> PublicationGiven:
        return self._connection.ask(self._kind, "POST", self._at(publication_id, name), body=body)


class Pool(Listing[PoolLead]):
    """The leads without an owner."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/pool", PoolLead)

    def claim(self, lead_id: str, rep_id: str | None = None) -> TransferGiven:
        """Take a lead from the pool, for the key's own rep if none is named; ConflictingError if
        somebody else has it.
        """
        path, body = self._at(lead_id, "claim"), Claim(rep_id=rep_id)
        return self._connection.ask(TransferGiven, "POST", path, body=body)

    def put_back(self, lead_id: str, reason: str) -> TransferGiven:
        """Return a lead to the pool."""
        path, body = self._at(lead_id, "return"), Why(reason=reason)
        return self._connection.ask(TransferGiven, "POST", path, body=body)


class Books(Listing[BookGiven]):
    """Which leads each rep holds."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/books", BookGiven)

    def of(self, rep_id: str) -> BookGiven:
        """Return a rep's book, with all its leads."""
        path = self._at(rep_id)
        book = page = self._connection.ask(self._kind, "GET", path)
        items = list(book.items)
        while page.next is not None:
            page = self._connection.ask(self._kind, "GET", path, params={"cursor": page.next})
            items += page.items
        return book.model_copy(update={"items": items, "next": None})

    def give(self, rep_id: str, lead_id: str, reason: str) -> TransferGiven:
        """Give a lead to a rep by hand, whatever the rules say."""
        path, body = self._at(rep_id, "leads", lead_id), Why(reason=reason)
        return self._connection.ask(TransferGiven, "POST", path, body=body)


class Feedback(Growing[FeedbackGiven]):
    """What people say about assignments."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, "/v1/feedback", FeedbackGiven)

    def summary(self) -> FeedbackSummary:
        """Return feedback counted by rep, publication and verdict."""
        return self._connection.ask(FeedbackSummary, "GET", self._at("summary"))
