"""What a backup says of itself."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

FORMAT: Literal["fairlead.backup/1"] = "fairlead.backup/1"
MANIFEST_FILE = "manifest.json"


class SavedTable(BaseModel):
    """A table of a backup.

    Attributes
    ----------
    hash : of its rows, whatever their order; see `rows.Sum`
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    hash: str


class Manifest(BaseModel):
    """What a backup holds.

    Attributes
    ----------
    version : of Fairlead; revision : of the tables
    at : when it was begun
    audit : the hash of the newest row of the audit trail
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["fairlead.backup/1"] = FORMAT
    version: str
    revision: str
    at: AwareDatetime
    audit: str
    tables: dict[str, SavedTable]

    @property
    def rows(self) -> int:
        """How many there are in all."""
        return sum(table.rows for table in self.tables.values())
