"""Checks a mapping's meaning: that its columns exist, its units fit, its parts go together."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pandas as pd

from models.columns import TABLES, Column, Kind, column_names
from models.files.importing.conversions import conversions
from models.issues import shown
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.files.mapping import Mapping, MeanBook, Recipe, TablePart
    from models.files.yaml_reader import Location

NOT_JOINED = (Kind.NUMBER, Kind.INTEGER, Kind.FLAG)


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place of a mapping."""

    location: Location
    got: str
    allowed: str
    fix: str = ""


def mapping_faults(mapping: Mapping) -> Iterator[Fault]:
    """Yield every fault of a mapping whose records are well formed."""
    names = mapping.file_names()
    for name in mapping.sources:
        if not any(fnmatchcase(name, used) or fnmatchcase(used, name) for used in names):
            advice = nearest_advice(name, names)
            yield Fault(("sources", name), shown(name), "a file that a table reads", advice)
    for table, at, part in mapping.tables.parts():
        start: Location = ("tables", table, at)
        yield from _name_faults(table, part, start)
        for location, recipe in part.recipes():
            column = target_column(table, str(location[1]))
            yield from _conversion_faults(column, recipe, (*start, *location))
            if recipe.mean_book is not None:
                here = (*start, *location, "mean_book")
                yield from _mean_book_faults(mapping, table, recipe.mean_book, here)


def target_column(table: str, name: str) -> Column:
    """Return a table's column; one that is not the contract's is kept as text."""
    known = {column.name: column for column in TABLES[table]}
    return known.get(name) or Column(name, Kind.TEXT, "kept as it is")


def _name_faults(table: str, part: TablePart, start: Location) -> Iterator[Fault]:
    known = column_names(table)
    for name in part.columns:
        if name not in known:
            yield Fault(
                (*start, "columns", name),
                f"the unknown column {name!r}",
                ", ".join(known),
                nearest_advice(name, known) or "A further column goes under `keep`.",
            )
    for name in part.keep:
        if name in known:
            place = (*start, "keep", name)
            yield Fault(place, shown(name), f"further columns; {name} goes under `columns`")
    if part.where is not None:
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in part.where.columns})
        for name, fault in part.where.faults(empty):
            yield Fault((*start, "where", name), f"a condition on {name!r}", fault)
    for column in TABLES[table]:
        if column.required and column.name not in part.columns:
            needed = f"the column {column.name!r}: {column.help}"
            yield Fault((*start, "columns"), "a table without it", needed)


def _conversion_faults(column: Column, recipe: Recipe, location: Location) -> Iterator[Fault]:
    try:
        for _ in conversions(column, recipe):
            pass
    except ValueError as error:
        keys = {"divided_by": recipe.divided_by, "format": recipe.format, "unit": recipe.unit}
        given = ", ".join(f"{key} {shown(value)}" for key, value in keys.items() if value)
        yield Fault(location, given, str(error))
    if recipe.join is not None and column.kind in NOT_JOINED:
        allowed = "text, an id, a list, a region path or a time"
        yield Fault((*location, "join"), f"a joined {column.kind}", allowed)


def _mean_book_faults(
    mapping: Mapping, table: str, mean: MeanBook, location: Location
) -> Iterator[Fault]:
    if table != "reps":
        yield Fault(location, f"a book in {table}", "`mean_book` is for columns of reps")
    if any("owner" not in part.columns for part in mapping.tables.leads):
        yield Fault(location, "leads without `owner`", "leads whose owner is mapped")
    for part in mapping.tables.reps:
        made = [name for name, recipe in part.all_columns().items() if not recipe.needs_books]
        if mean.by is not None and mean.by not in made:
            advice = nearest_advice(mean.by, made)
            yield Fault((*location, "by"), shown(mean.by), ", ".join(made), advice)
