"""What a page is made of: sections with sentences, charts and tables."""

from __future__ import annotations

from dataclasses import dataclass

FEW_MORE = 5
"""So many rows more are not worth a click."""


@dataclass(frozen=True)
class Mark:
    """A cell that says how something stands: kept, at a cost, or broken.

    Attributes
    ----------
    css : its class: kept, cost or broken
    """

    text: str
    css: str


KEPT, AT_A_COST, BROKEN = Mark("kept", "kept"), Mark("at a cost", "cost"), Mark("broken", "broken")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    css : class of its cells: number, id, or none
    """

    title: str
    css: str = ""

    @property
    def is_number(self) -> bool:
        """Whether its cells are set to the right."""
        return self.css == "number"


@dataclass(frozen=True)
class Table:
    """A table of texts and marks.

    Attributes
    ----------
    marked : the row that stands out; -1 for none
    note : what follows the table
    open_rows : how many rows are seen at once; a click shows the others, and print has them all
    """

    columns: tuple[Column, ...]
    rows: list[tuple[str | Mark, ...]]
    caption: str = ""
    note: str = ""
    marked: int = -1
    open_rows: int = 15

    @property
    def parts(self) -> tuple[list[tuple[str | Mark, ...]], list[tuple[str | Mark, ...]]]:
        """Return the rows that are seen at once, and the others."""
        if len(self.rows) <= self.open_rows + FEW_MORE:
            return self.rows, []
        return self.rows[: self.open_rows], self.rows[self.open_rows :]


@dataclass(frozen=True)
class Tile:
    """A key figure, and what it is measured by."""

    title: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page with a title of its own.

    Attributes
    ----------
    anchor : its name in addresses
    texts : sentences, before all else
    charts : pictures as SVG, which is trusted
    """

    anchor: str
    title: str
    texts: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def text(title: str) -> Column:
    """Return a column of texts."""
    return Column(title)


def identity(title: str) -> Column:
    """Return a column of ids, which may be long."""
    return Column(title, "id")


def number(title: str) -> Column:
    """Return a column of numbers."""
    return Column(title, "number")
