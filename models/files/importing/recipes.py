"""Makes the columns of a table from source records, by the recipes of a mapping."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.columns import Kind
from models.files.importing.conversions import conversions
from models.files.importing.distinct import Distinct, combine, replace_values
from models.issues import IssueLog, shown
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from models.columns import Column
    from models.files.importing.conversions import Convert
    from models.files.importing.lookups import Lookups
    from models.files.mapping import Lookup, MeanBook, Recipe
    from models.raw_table import RawTable

    Books = Callable[[MeanBook], pd.Series]
    """Returns the cells of a mean book, one per rep, labelled as the table of reps is."""

ADVISED_AT_MOST = 20
"""Finding the nearest of many values takes its time."""
JOINED = {Kind.PATH: "/", Kind.PATHS: ";", Kind.LIST: ";", Kind.ID: "-"}
"""What joins the parts of a cell; a space in all other columns."""


def is_empty(cells: pd.Series) -> NDArray[np.bool_]:
    """Return (n,) whether each cell is empty or blank, as validation sees it."""
    return (cells.str.strip() == "").to_numpy(bool)


@dataclass(frozen=True)
class ColumnMaker:
    """Makes the cells of one column.

    Attributes
    ----------
    column : the column that is made
    lookups : where values are looked up
    issues : where every change and every miss is reported
    books : the mean books, once they can be known
    """

    column: Column
    lookups: Lookups
    issues: IssueLog
    books: Books | None = None

    def make(self, recipe: Recipe, records: RawTable) -> pd.Series:
        """Return a cell per record, "" for empty.

        Parameters
        ----------
        records : the source records, under the name of the table they become
        """
        cells = self._origin(recipe, records)
        steps = list(conversions(self.column, recipe))
        if recipe.values or recipe.lookup or steps:
            distinct = self._mapped(recipe, Distinct.of(cells), records)
            if recipe.lookup:
                distinct = self._looked_up(recipe.lookup, distinct, records)
            cells = self._converted(recipe, steps, distinct, records).cells()
        return self._filled(recipe, cells, records)

    def report_cells(
        self, code: str, cells: NDArray[np.intp], records: RawTable, got: str = ""
    ) -> None:
        """Report cells, by position, as one issue with their first line and their count."""
        if len(cells):
            self.issues.add(
                code,
                records.name,
                source=records.file(int(cells[0])),
                line=records.line(int(cells[0])),
                column=self.column.name,
                got=got,
                count=len(cells),
            )

    def _origin(self, recipe: Recipe, records: RawTable) -> pd.Series:
        index = records.frame.index
        if recipe.column is not None:
            return records.frame[recipe.column]
        if recipe.join is not None:
            parts = [Distinct.of(self.make(part, records)) for part in recipe.join]
            return combine(parts, partial(join_cells, self.column.kind)).cells()
        if recipe.mean_book is not None and self.books is not None:
            return self.books(recipe.mean_book).loc[index]
        return pd.Series(recipe.constant or "", index=index, dtype="str")

    def _mapped(self, recipe: Recipe, cells: Distinct, records: RawTable) -> Distinct:
        """Return cells after `values`; those it does not name are kept, refused or cleared."""
        others = [at for at, v in enumerate(cells.values) if v.strip() and v not in recipe.values]
        by = dict(recipe.values)
        if recipe.other == "clear":
            by |= {cells.values[at]: "" for at in others}
        elif recipe.other == "error":
            self._report("unmapped_value", cells, others, records, ", ".join(recipe.values))
        name, personal = self.column.name, self.column.personal
        return replace_values(cells, by, name, records, self.issues, personal=personal)

    def _looked_up(self, lookup: Lookup, cells: Distinct, records: RawTable) -> Distinct:
        answers = self.lookups.answers(lookup)
        missed = [at for at, v in enumerate(cells.values) if v.strip() and v not in answers]
        place = f"a value of {lookup.key} in {lookup.source}"
        self._report("lookup_missed", cells, missed, records, place, near=answers)
        return cells.changed(answers.get(v, "") if v.strip() else "" for v in cells.values)

    def _converted(
        self, recipe: Recipe, steps: Sequence[Convert], cells: Distinct, records: RawTable
    ) -> Distinct:
        """Return cells in the column's own notation and unit; unreadable ones stay, reported."""
        asked = recipe.model_dump(include={"divided_by", "format", "unit"}, exclude_none=True)
        allowed = ", ".join(f"{key} {value}" for key, value in asked.items())
        for convert in steps:
            texts = [convert(value) if value.strip() else value for value in cells.values]
            unread = [at for at, text in enumerate(texts) if text is None]
            self._report("not_convertible", cells, unread, records, allowed)
            pairs = zip(cells.values, texts, strict=True)
            cells = cells.changed(old if text is None else text for old, text in pairs)
        return cells

    def _filled(self, recipe: Recipe, cells: pd.Series, records: RawTable) -> pd.Series:
        """Return cells with the empty ones made by the recipe for missing cells."""
        if recipe.missing is None:
            return cells
        empty = np.flatnonzero(is_empty(cells))
        if not len(empty):
            return cells
        some = records.take(empty)
        fill = self.make(recipe.missing, some)
        filled = np.flatnonzero(~is_empty(fill))
        self.report_cells(
            "default_used", filled, some, f"empty, now from {recipe.missing.describe()}"
        )
        result = cells.copy()
        result.iloc[empty] = fill
        return result

    def _report(
        self,
        code: str,
        cells: Distinct,
        values: Sequence[int],
        records: RawTable,
        allowed: str,
        near: Iterable[str] = (),
    ) -> None:
        """Report values, the first ones with the nearest known value; personal ones not shown."""
        advised = {cells.values[at] for at in values[:ADVISED_AT_MOST]}

        def say(value: str) -> dict[str, str]:
            if self.column.personal:
                return {"allowed": allowed}
            fix = nearest_advice(value, near) if value in advised else ""
            return {"got": shown(value), "allowed": allowed, "fix": fix}

        cells.report(code, self.column.name, values, say, records, self.issues)


def join_cells(kind: Kind, cells: Sequence[str]) -> str:
    """Return cells as one; an id needs them all, a region path all above the deepest given.

    >>> join_cells(Kind.PATH, ["US", "West", ""]), join_cells(Kind.PATH, ["US", "", "Boston"])
    ('US/West', 'US//Boston')

    The second is no path, and validation will say so: US/Boston might be another region.
    """
    divider = JOINED.get(kind, " ")
    filled = [at for at, cell in enumerate(cells) if cell.strip()]
    if kind is Kind.ID:
        return divider.join(cells) if len(filled) == len(cells) else ""
    if kind is Kind.PATH:
        return divider.join(cells[: filled[-1] + 1]) if filled else ""
    return divider.join(cells[at] for at in filled)
