"""What every request works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.services.desk.desk import Desk
from api.services.streams import Streams
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
    streams : answers that stay open
    """

    settings: Settings
    database: Database
    copies: Copies
    desk: Desk
    streams: Streams

    @classmethod
    def of(cls, settings: Settings, desk: Desk | None = None) -> Service:
        """Return what settings describe; UsageError if the database's URL is none."""
        database = Database(settings.url, lock_seconds=settings.lock_seconds)
        return cls(
            settings=settings,
            database=database,
            copies=Copies(database, settings.data / COPIES),
            desk=desk or Desk(seconds=settings.answer_seconds),
            streams=Streams(settings.max_streams),
        )

    @property
    def scratch(self) -> Path:
        """A directory for files that are only there during a request or a run."""
        path = self.settings.data / "scratch"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def close(self) -> None:
        """Let go of the database and the desk's process."""
        self.desk.close()
        self.database.close()
