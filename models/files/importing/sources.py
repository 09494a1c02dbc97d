"""Finds and reads the files that a mapping names, every cell as text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.cell_text import cell_text
from models.files.importing.distinct import Distinct, replace_values
from models.files.mapping import SourceFile
from models.files.table_reader import SUFFIXES, read_table
from models.issues import IssueLog, shown
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.files.mapping import Mapping, TablePart
    from models.raw_table import RawTable


@dataclass(frozen=True)
class Sources:
    """The files of one import.

    Attributes
    ----------
    paths : by name, those that the mapping uses
    tables : by name, those that could be read
    """

    paths: dict[str, Path]
    tables: dict[str, RawTable]

    def named(self, pattern: str) -> list[RawTable]:
        """Return the readable files of a name; with `*` in it, there may be several."""
        return [self.tables[name] for name in sorted(self.tables) if fnmatchcase(name, pattern)]


def read_sources(mapping: Mapping, given: Sequence[Path], issues: IssueLog) -> Sources:
    """Return the files that a mapping uses; all that are missing or malformed are reported."""
    found = _find(given, issues)
    wanted = mapping.file_names()
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in found):
            issues.add(
                "file_missing",
                pattern,
                got="no source of that name",
                fix=nearest_advice(pattern, found) or "Give the file, or a folder that holds it.",
            )
    paths, tables = {}, {}
    for name, path in found.items():
        if not any(fnmatchcase(name, pattern) for pattern in wanted):
            issues.add("unused_source", name)
            continue
        paths[name] = path
        rules = _rules(mapping, name)
        table = read_table(path, name, issues, delimiter=rules.delimiter)
        if table is not None:
            tables[name] = _mended(_as_text(table, issues), rules, issues)
    sources = Sources(paths, tables)
    _report_columns(mapping, sources, issues)
    return sources


def _find(given: Sequence[Path], issues: IssueLog) -> dict[str, Path]:
    """Return the given files, and those in the given folders, by name."""
    found: dict[str, Path] = {}
    for path in given:
        for file in _files(path, issues) if path.is_dir() else [path]:
            if not file.exists():
                issues.add("file_missing", file.name, got=shown(str(file)))
            elif file.name in found and not file.samefile(found[file.name]):
                issues.add("two_sources", file.name, got=f"{found[file.name]} and {file}")
            else:
                found[file.name] = file
    return found


def _files(folder: Path, issues: IssueLog) -> list[Path]:
    """Return the CSV and Parquet files of a folder; an export may also hold others."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        issues.add("unreadable_file", folder.name, got=error.strerror or str(error))
        return []
    return [path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file()]


def _rules(mapping: Mapping, name: str) -> SourceFile:
    """Return what a file needs: its own entry goes before a pattern's."""
    if name in mapping.sources:
        return mapping.sources[name]
    fitting = (rules for key, rules in mapping.sources.items() if fnmatchcase(name, key))
    return next(fitting, SourceFile())


def _mended(table: RawTable, rules: SourceFile, issues: IssueLog) -> RawTable:
    """Return a file with the values replaced that the mapping says are to be, and report them."""
    mended = {}
    for column, values in rules.values.items():
        if column in table.frame.columns:
            cells = Distinct.of(table.frame[column])
            mended[column] = replace_values(cells, values, column, table, issues).cells()
    return replace(table, frame=table.frame.assign(**mended)) if mended else table


def _report_columns(mapping: Mapping, sources: Sources, issues: IssueLog) -> None:
    """Report columns that the mapping names and a file lacks, and those that it does not name."""
    needed: dict[str, set[str]] = {name: set() for name in sources.tables}
    for name in sources.tables:
        needed[name].update(_rules(mapping, name).values)
        for _, _, part in mapping.tables.parts():
            needed[name] |= _columns_read(part, name)
    for name, table in sources.tables.items():
        have = list(table.frame.columns)
        for column in sorted(needed[name] - set(have)):
            issues.add(
                "source_column_missing",
                name,
                column=column,
                got=shown(", ".join(have)),
                fix=nearest_advice(column, have),
            )
        for column in have:
            if column not in needed[name]:
                fix = "Name it in the mapping to use it."
                issues.add("unused_column", name, column=column, fix=fix)


def _columns_read(part: TablePart, name: str) -> set[str]:
    """Return the columns of a file that one part of a table reads."""
    columns: set[str] = set()
    if any(fnmatchcase(name, pattern) for pattern in part.files):
        columns |= part.source_columns()
    for _, recipe in part.recipes():
        if recipe.lookup is not None and fnmatchcase(name, recipe.lookup.source):
            columns |= {recipe.lookup.key, recipe.lookup.value}
    return columns


def _as_text(table: RawTable, issues: IssueLog) -> RawTable:
    """Return a table whose cells are all text: those of a Parquet file have types."""
    if table.lines is not None:
        return table
    columns = {}
    for name in table.frame.columns:
        columns[name], wrong = _text_cells(table.frame[name])
        if wrong:
            issues.add("wrong_type", table.name, column=name, got=wrong, allowed="plain values")
    lines = np.arange(1, len(table) + 1, dtype=np.int64)
    return replace(table, frame=pd.DataFrame(columns, index=table.frame.index), lines=lines)


def _text_cells(cells: pd.Series) -> tuple[pd.Series, str]:
    """Return typed cells as text, and the name of a type that has none."""
    if isinstance(cells.dtype, pd.StringDtype):
        return cells.fillna(""), ""
    values = cells.astype("object").tolist()
    texts = [cell_text(value, may_be_list=True) for value in values]
    wrong = next((type(v).__name__ for v, t in zip(values, texts, strict=True) if t is None), "")
    return pd.Series([text or "" for text in texts], index=cells.index, dtype="str"), wrong
