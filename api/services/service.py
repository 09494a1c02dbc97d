"""What every request works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.services.access.oidc.provider import Provider
from api.services.access.recent import RecentCallers
from api.services.desk.desk import Desk
from api.services.desk.routing import forget
from api.services.routing import Routing
from api.services.streams import Streams
from api.services.turns import Turns
from api.store.copies import Copies
from api.store.database import Database
from api.store.private import make_private

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.access.recognize import Known
    from api.settings import Settings

COPIES = "copies"
AT_ONCE = 256
"""Recommendations that may wait: each takes less than a millisecond."""


@dataclass(frozen=True)
class Service:
    """An installation.

    Attributes
    ----------
    copies : on this machine, of the files of snapshots, plans and publications
    desk : answers what is too heavy for the server
    clerk : does what takes minutes, so that nobody who asks the desk waits behind it
    routing : recommends reps for new leads
    turns : who publishes or claims in this process comes one after the other
    provider : the identity provider; None if only keys are known
    callers : who were recognized a moment ago
    streams : answers that stay open
    """

    settings: Settings
    database: Database
    copies: Copies
    desk: Desk
    clerk: Desk
    routing: Routing
    streams: Streams
    provider: Provider | None = None
    turns: Turns = field(default_factory=Turns)
    callers: RecentCallers[Known] = field(default_factory=RecentCallers)

    @classmethod
    def of(
        cls, settings: Settings, desk: Desk | None = None, routing: Desk | None = None
    ) -> Service:
        """Return what settings describe; UsageError if they are of no use.

        Parameters
        ----------
        desk : does the work of the clerk, too; made for each of them if not given
        routing : the process that recommends; made if not given
        """
        provider = None if settings.oidc_issuer is None else Provider(settings)
        database = Database(
            settings.url,
            lock_seconds=settings.lock_seconds,
            silent_seconds=settings.silent_seconds,
        )
        copies = Copies(database, settings.data / COPIES)
        # New leads wait for the one, and who publishes for the other: these stand back for nobody.
        router = routing or Desk(seconds=settings.answer_seconds, waiting=AT_ONCE, politeness=0)
        clerk = desk or Desk(seconds=settings.publish_seconds, politeness=0)
        return cls(
            settings=settings,
            database=database,
            copies=copies,
            desk=desk or Desk(seconds=settings.answer_seconds),
            clerk=clerk,
            routing=Routing(database, copies, router),
            provider=provider,
            streams=Streams(settings.max_streams),
        )

    @property
    def scratch(self) -> Path:
        """A directory for files that are only there during a request or a run."""
        path = self.settings.data / "scratch"
        make_private(path)
        return path

    def forget_people(self) -> None:
        """Have the processes beside the server forget the names of customers: one was erased."""
        self.routing.look_again()
        if self.desk.process is not None:
            self.desk.begin(forget)

    def close(self) -> None:
        """Let go of the database and of the processes beside the server."""
        self.desk.close()
        self.clerk.close()
        self.routing.close()
        self.database.close()
