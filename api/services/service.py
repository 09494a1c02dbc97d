"""What every request works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from api.services.desk.desk import Desk
from api.services.turns import Turns
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
    clerk : does what takes minutes, so that nobody who asks the desk waits behind it
    turns : who publishes or claims in this process comes one after the other
    """

    settings: Settings
    database: Database
    copies: Copies
    desk: Desk
    clerk: Desk
    turns: Turns = field(default_factory=Turns)

    @classmethod
    def of(cls, settings: Settings, desk: Desk | None = None) -> Service:
        """Return what settings describe; UsageError if the database's URL is none.

        Parameters
        ----------
        desk : does the work of the clerk, too; made for each of them if not given
        """
        database = Database(settings.url, lock_seconds=settings.lock_seconds)
        return cls(
            settings=settings,
            database=database,
            copies=Copies(database, settings.data / COPIES),
            desk=desk or Desk(seconds=settings.answer_seconds),
            clerk=desk or Desk(seconds=settings.publish_seconds),
        )

    @property
    def scratch(self) -> Path:
        """A directory for files that are only there during a request or a run."""
        path = self.settings.data / "scratch"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Let go of the database and of the processes beside the server."""
        self.desk.close()
        self.clerk.close()
        self.database.close()
