"""Validated, immutable input tables with an as-of time and a content hash: the facts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import available_timezones

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
)

from models.arrays import frozen
from models.columns import TABLES, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.issues import IssueLog

SCHEMA = 1
FIRST_YEAR, LAST_YEAR = 1900, 2200
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")


@cache
def known_zones() -> frozenset[str]:
    """Return the names of every IANA time zone, but those that mean this machine's, or none."""
    return frozenset(available_timezones() - {"localtime", "posixrules", "Factory"})


def _known_zone(zone: str) -> str:
    if zone not in known_zones():
        raise ValueError("must be an IANA time zone, such as Europe/Berlin")
    return zone


def _currency_code(code: str) -> str:
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("must be three capitals (ISO 4217), such as USD")
    return code


def written_out(value: Any) -> Any:
    """Return a moment that is written with date and time; ValueError for anything else."""
    # A bare number would be taken for seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and INSTANT.fullmatch(value)):
        return value
    raise ValueError("must be a date and time with its offset, such as 2026-11-21T00:00:00Z")


def _in_utc(instant: datetime) -> datetime:
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"must lie in the years {FIRST_YEAR} to {LAST_YEAR}")
    return instant.astimezone(UTC)


TimeZone = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone."""
Currency = Annotated[str, AfterValidator(_currency_code)]
"""An ISO 4217 code."""
Instant = Annotated[AwareDatetime, BeforeValidator(written_out), AfterValidator(_in_utc)]
"""A moment, written with its offset, kept in UTC."""


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

    schema_version: int = Field(default=SCHEMA, alias="schema", ge=SCHEMA, le=SCHEMA, strict=True)
    as_of: Instant
    timezone: TimeZone = "UTC"
    currency: Currency
    keep: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("keep")
    @classmethod
    def _names_tables(cls, keep: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := set(keep) - set(TABLES):
            raise ValueError(f"names tables {sorted(unknown)}; known are {', '.join(TABLES)}")
        return keep


class Frames(Mapping[str, pd.DataFrame]):
    """Data frames by name, handed out as copy-on-write views: changing one changes nothing here."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = {name: frame.copy(deep=False) for name, frame in frames.items()}

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self._frames[name].copy(deep=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


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
    """

    header: SnapshotHeader
    tables: Mapping[str, pd.DataFrame]
    issues: IssueLog = field(repr=False)
    duplicates: NDArray[np.int64] = field(repr=False)
    present: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", Frames(self.tables))
        object.__setattr__(self, "duplicates", frozen(self.duplicates, np.int64))

    @property
    def leads(self) -> pd.DataFrame:
        """The leads, sorted by lead_id."""
        return self.tables["leads"]

    @property
    def reps(self) -> pd.DataFrame:
        """The reps, sorted by rep_id."""
        return self.tables["reps"]

    @property
    def history(self) -> pd.DataFrame:
        """Past outcomes; empty if there are none."""
        return self.tables["history"]

    @property
    def absences(self) -> pd.DataFrame:
        """Planned absences; empty if there are none."""
        return self.tables["absences"]

    @property
    def pins(self) -> pd.DataFrame:
        """Pins that have not expired, to reps, teams or regions; empty if there are none."""
        return self.tables["pins"]

    @property
    def rep_pins(self) -> pd.DataFrame:
        """Pins to one rep."""
        return self.pins[self.pins["rep_id"].notna()]

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
    def owner_index(self) -> NDArray[np.int64]:
        """(n_leads,) int64: position in reps of the present owner; -1 for none."""
        reps = pd.Index(self.tables["reps"]["rep_id"])
        return frozen(reps.get_indexer(self.tables["leads"]["owner"]), np.int64)

    def as_given(self) -> dict[str, pd.DataFrame]:
        """Return the tables that the source had, by name, each with the columns that it had."""
        return {
            name: self.tables[name][[column for column in self.tables[name] if column in columns]]
            for name, columns in self.present.items()
        }

    def with_reps(self, rows: pd.DataFrame) -> Snapshot:
        """Return a snapshot with further reps, whose missing columns are empty.

        Parameters
        ----------
        rows : with rep_ids that no rep has, and cells as the table of reps holds them
        """
        reps = self.tables["reps"]
        more = rows.reindex(columns=reps.columns).astype(reps.dtypes.to_dict())
        together = pd.concat([reps, more], ignore_index=True).sort_values("rep_id")
        tables = {**self.tables, "reps": together.reset_index(drop=True)}
        return replace(self, tables=tables)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of header and tables: equal facts have equal hashes, whatever their order."""
        header = self.header
        facts = (header.schema_version, header.as_of.isoformat(), header.timezone, header.currency)
        digest = hashlib.sha256(repr(facts).encode())
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
        text = pa.chunked_array(pa.array(column, pa.large_string(), from_pandas=True))
        digest.update(text.is_valid().to_numpy().tobytes())
        filled = pc.fill_null(text, "").combine_chunks()
        digest.update(pc.binary_length(filled).to_numpy().tobytes())
        digest.update(_characters(filled))
    elif column.dtype.kind == "M":
        digest.update(column.to_numpy("datetime64[us]").tobytes())
    else:
        # One bit pattern each for zero, which has a sign, and for NaN, which has many.
        numbers = column.to_numpy("float64") + 0.0
        digest.update(np.where(np.isnan(numbers), np.nan, numbers).tobytes())


def _characters(text: Any) -> memoryview:
    """Return the UTF-8 of a whole pyarrow.LargeStringArray, without joining it in Python."""
    _, offsets, data = text.buffers()
    ends = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    return memoryview(data)[ends[0] : ends[-1]] if data else memoryview(b"")
