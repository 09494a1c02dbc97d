"""Puts each table together, part by part: first its records, then their columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from models.columns import TABLES, column_names
from models.files.importing.checks import target_column
from models.files.importing.filters import chosen_records
from models.files.importing.lookups import Lookups
from models.files.importing.mean_books import mean_books
from models.files.importing.recipes import ColumnMaker, is_empty
from models.raw_table import RawTable

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict
    from collections.abc import Sequence

    from models.files.importing.recipes import Books
    from models.files.importing.sources import Sources
    from models.files.mapping import Mapping, TablePart
    from models.issues import IssueLog


@dataclass(frozen=True)
class _Part:
    """A part of a table with its chosen records, labelled by their place in the whole table."""

    rules: TablePart
    records: RawTable


class TableMaker:
    """Makes the tables of a mapping."""

    def __init__(self, mapping: Mapping, sources: Sources, issues: IssueLog) -> None:
        self.mapping, self.sources, self.issues = mapping, sources, issues
        self.lookups = Lookups(sources, issues)

    def tables(self) -> dict[str, RawTable]:
        """Return every table whose files and columns are all there."""
        tables: dict[str, RawTable] = {}
        for name in TABLES:
            rules = getattr(self.mapping.tables, name) or ()
            if rules and all(self._is_readable(part) for part in rules):
                tables[name] = self._table(name, rules, tables)
        return tables

    def _is_readable(self, part: TablePart) -> bool:
        """Return whether all files of a part were read, and have the columns that it names."""
        named = [n for n in self.sources.paths if any(fnmatchcase(n, p) for p in part.files)]
        read = [self.sources.tables[name] for name in named if name in self.sources.tables]
        have_all = all(part.source_columns() <= set(table.frame.columns) for table in read)
        return 0 < len(named) == len(read) and have_all

    def _table(
        self, name: str, rules: Sequence[TablePart], tables: Dict[str, RawTable]
    ) -> RawTable:
        parts = self._parts(name, rules)
        made = [self._columns(part, None) for part in parts]
        if any(recipe.needs_books for part in rules for recipe in part.all_columns().values()):
            reps = _stacked(made)
            owners = tables["leads"].frame["owner"] if "leads" in tables else pd.Series(dtype="str")
            for at, part in enumerate(parts):
                late = self._columns(part, lambda mean: mean_books(mean, reps, owners))
                made[at] = made[at].join(late)
        frame = _stacked(made)
        known = [column for column in column_names(name) if column in frame]
        order = [*known, *(column for column in frame if column not in known)]
        whole = _joined(name, [part.records for part in parts])
        return RawTable(name, whole.source, frame[order], whole.lines, whole.files)

    def _parts(self, name: str, rules: Sequence[TablePart]) -> list[_Part]:
        """Return the parts of a table with the records that each takes."""
        parts: list[_Part] = []
        start = 0
        for part in rules:
            files = {table.name: table for p in part.files for table in self.sources.named(p)}
            columns = sorted(part.source_columns())
            tables = [replace(file, frame=file.frame[columns]) for file in files.values()]
            records = _joined(name, tables)
            if part.where is not None:
                records = chosen_records(part.where, records, self.issues)
            labels = pd.RangeIndex(start, start + len(records))
            parts.append(_Part(part, replace(records, frame=records.frame.set_axis(labels))))
            start += len(records)
        return parts

    def _columns(self, part: _Part, books: Books | None) -> pd.DataFrame:
        """Return a part's columns: without books those that need none, else the others."""
        columns = {}
        for name, recipe in part.rules.all_columns().items():
            if recipe.needs_books == (books is not None):
                column = target_column(part.records.name, name)
                maker = ColumnMaker(column, self.lookups, self.issues, books)
                columns[name] = maker.make(recipe, part.records)
                if not column.required:
                    empty = np.flatnonzero(is_empty(columns[name]))
                    maker.report_cells("empty_cells", empty, part.records)
        return pd.DataFrame(columns, index=part.records.frame.index)


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the frames of all parts as one; a column that a part does not make is empty there."""
    return frames[0] if len(frames) == 1 else pd.concat(frames).fillna("")


def _joined(name: str, tables: Sequence[RawTable]) -> RawTable:
    """Return several tables as one, each record with the file and line it comes from."""
    if len(tables) == 1 and tables[0].files is not None:
        return tables[0]
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    lines = [table.lines for table in tables if table.lines is not None]
    files = [_files(table) for table in tables]
    source = ", ".join(dict.fromkeys(table.source for table in tables))
    return RawTable(name, source, frame, np.concatenate(lines), union_categoricals(files))


def _files(table: RawTable) -> pd.Categorical:
    if table.files is not None:
        return table.files
    codes = np.zeros(len(table), np.int8)
    return cast("pd.Categorical", pd.Categorical.from_codes(codes, pd.Index([table.name])))
