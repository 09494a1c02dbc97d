"""Validated, immutable input tables with an as-of time and a content hash: the facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from models.columns import TABLES, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.issues import IssueLog

SCHEMA = 1


class SnapshotHeader(BaseModel):
    """What snapshot.yaml says.

    Attributes
    ----------
    as_of : when the tables were true
    timezone : IANA name of the company's zone; times without an offset are read in it
    currency : ISO 4217 code of every amount
    keep : per table, the further columns to keep
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: int = Field(default=SCHEMA, alias="schema", ge=SCHEMA, le=SCHEMA)
    as_of: AwareDatetime
    timezone: str = "UTC"
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    keep: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _is_known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("must be an IANA time zone, such as Europe/Berlin")
        return zone

    @field_validator("keep")
    @classmethod
    def _names_tables(cls, keep: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := set(keep) - set(TABLES):
            raise ValueError(f"names tables {sorted(unknown)}; known are {', '.join(TABLES)}")
        return keep


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The facts of one moment.

    Attributes
    ----------
    header : as-of time, zone, currency
    tables : validated frames by name, each with every known column; leads and reps sorted by id
    issues : remarks and warnings of validation
    duplicates : (n_leads,) int64; leads with the same number are exact duplicates
    present : per table, the columns that the source had; the others are there, but empty

    The frames handed out are copy-on-write views: changing one changes nothing here.
    """

    header: SnapshotHeader
    tables: Mapping[str, pd.DataFrame]
    issues: IssueLog = field(repr=False)
    duplicates: np.ndarray = field(repr=False)
    present: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @property
    def leads(self) -> pd.DataFrame:
        """The leads, sorted by lead_id."""
        return self.tables["leads"].copy(deep=False)

    @property
    def reps(self) -> pd.DataFrame:
        """The reps, sorted by rep_id."""
        return self.tables["reps"].copy(deep=False)

    @property
    def history(self) -> pd.DataFrame:
        """Past outcomes; empty if there are none."""
        return self.tables["history"].copy(deep=False)

    @property
    def absences(self) -> pd.DataFrame:
        """Planned absences; empty if there are none."""
        return self.tables["absences"].copy(deep=False)

    @property
    def pins(self) -> pd.DataFrame:
        """Pins that have not expired; empty if there are none."""
        return self.tables["pins"].copy(deep=False)

    @property
    def as_of(self) -> datetime:
        """When the tables were true."""
        return self.header.as_of

    @property
    def num_leads(self) -> int:
        """How many leads there are."""
        return len(self.tables["leads"])

    @property
    def num_reps(self) -> int:
        """How many reps there are."""
        return len(self.tables["reps"])

    @cached_property
    def owner_index(self) -> np.ndarray:
        """(n_leads,) int64: position in reps of the present owner; -1 for none."""
        reps = pd.Index(self.tables["reps"]["rep_id"])
        return reps.get_indexer(self.tables["leads"]["owner"])

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of header and tables: equal facts have equal hashes, whatever their file order."""
        digest = hashlib.sha256(self.header.model_dump_json().encode())
        for name in sorted(self.tables):
            frame = self.tables[name]
            for column in sorted(frame.columns):
                digest.update(f"{name}.{column}:{len(frame)};".encode())
                _update(digest, frame[column])
        return digest.hexdigest()


def empty_column(kind: Kind, size: int) -> pd.Series:
    """Return a column of missing cells of the dtype that a kind is stored in."""
    if kind is Kind.TIME:
        return pd.Series(pd.NaT, index=range(size), dtype=pd.DatetimeTZDtype("us", "UTC"))
    if kind in (Kind.NUMBER, Kind.INTEGER, Kind.FLAG):
        return pd.Series(np.nan, index=range(size), dtype="float64")
    return pd.Series(np.nan, index=range(size), dtype="str")


def _update(digest: hashlib._Hash, column: pd.Series) -> None:
    if isinstance(column.dtype, pd.StringDtype):
        present = column.notna().to_numpy()
        text = pa.array(column.fillna(""), pa.large_string())
        text = pa.concat_arrays(text.chunks) if isinstance(text, pa.ChunkedArray) else text
        lengths = pa.compute.binary_length(text).to_numpy()
        digest.update(present.tobytes())
        digest.update(lengths.tobytes())
        digest.update("".join(column.fillna("")).encode())
    else:
        values = column.to_numpy(dtype="datetime64[us]" if column.dtype.kind == "M" else "float64")
        digest.update(values.tobytes())
