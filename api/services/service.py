"""What every request works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.services.access.recent import RecentCallers
from api.services.desk.desk import Desk
from api.services.routing import Routing
from api.store.copies import Copies
from api.store.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from api.settings import Settings

COPIES = "copies"


@dataclass(frozen=True)
class Service:
    """An installation.

    Attributes
    ----------
    copies : on this machine, of the files of snapshots, plans and publications
    desk : answers what is too heavy for the server
    routing : recommends reps for new leads
    callers : who were recognized a moment ago
    """

    settings: Settings
    database: Database
    copies: Copies
    desk: Desk
    routing: Routing
    callers: RecentCallers

    @classmethod
    def of(
        cls, settings: Settings, desk: Desk | None = None, routing: Desk | None = None
    ) -> Service:
        """Return what settings describe; UsageError if the database's URL is none.

        Parameters
        ----------
        desk, routing : processes that answer; new ones if not given
        """
        database = Database(settings.url, lock_seconds=settings.lock_seconds)
        copies = Copies(database, settings.data / COPIES)
        # New leads wait for it, so it does not stand back behind others.
        router = routing or Desk(seconds=settings.answer_seconds, politeness=0)
        return cls(
            settings=settings,
            database=database,
            copies=copies,
            desk=desk or Desk(seconds=settings.answer_seconds),
            routing=Routing(database, copies, router),
            callers=RecentCallers(),
        )

    @property
    def scratch(self) -> Path:
        """A directory for files that are only there during a request or a run."""
        path = self.settings.data / "scratch"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Let go of the database and the processes beside the server."""
        self.desk.close()
        self.routing.close()
        self.database.close()
