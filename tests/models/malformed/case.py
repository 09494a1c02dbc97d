"""What a case of the corpus is: a company with a fault, and what must be said about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.models.company import HEADER, files, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.models.company import Rows

REQUIRED = ("leads", "reps")
FOLLOWS = {"unknown_rep", "unknown_lead", "rep_without_leads", "uncovered_region", "no_records"}
"""What a table says when records of another, or all its own, could not be read."""


@dataclass(frozen=True)
class Malformed:
    """A company with a fault.

    Attributes
    ----------
    name : of the case
    contents : its files
    codes : what must be reported
    also : what may be reported besides, because one fault hides or causes another
    make : what else happens to the directory
    """

    name: str
    contents: dict[str, bytes]
    codes: frozenset[str]
    also: frozenset[str] = frozenset()
    make: Callable[[Path], object] | None = None

    @property
    def is_large(self) -> bool:
        """Whether its files take more than 100 kB."""
        return sum(map(len, self.contents.values())) > 100_000

    def write(self, directory: Path) -> Path:
        """Write the company into a directory, and return it."""
        write(directory, self.contents)
        if self.make is not None:
            self.make(directory)
        return directory


def company(header: str = HEADER, /, **tables: Rows | str | bytes) -> dict[str, bytes]:
    """Return the files of the required tables and those given: the others cost time."""
    every = files(header, **tables)
    needed = {"snapshot.yaml", *(f"{name}.csv" for name in (*REQUIRED, *tables))}
    return {name: data for name, data in every.items() if name in needed}


def first_line(text: str) -> str:
    """Return the header."""
    return text[: text.index("\n") + 1]


def without(table: str) -> dict[str, bytes]:
    """Return the company's files but for one table."""
    return {name: data for name, data in company().items() if name != f"{table}.csv"}
