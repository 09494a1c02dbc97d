"""The mapping file: how a CRM's export becomes the tables of a company, as data.

For each table, a mapping says which file its records come from and, per column, the recipe of its
cells: usually just the name of a source column. In short::

    version: 1
    snapshot: {as_of: 2026-11-21T18:00:00Z, timezone: Europe/Berlin, currency: EUR}
    sources:
      crm.csv: {delimiter: ";", values: {Product: {GTXPro: GTX Pro}}}
    tables:
      leads:
        from: crm.csv
        where: {Stage: [New, Open]}
        columns:
          lead_id: Id
          region: {join: [Country, State, City]}
          product: Product
          amount: {column: Value, format: "1.234,56", missing: {column: Product, lookup: {...}}}
          owner: Agent
          created: {column: Created On, format: DD.MM.YYYY hh:mm}
        keep: {campaign: Campaign}
      reps:
        from: [inside.csv, field.csv]
        columns: {rep_id: Agent, regions: Area, max_leads: {mean_book: {times: 1.1, round: up}}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from models.columns import TABLES
from models.issues import shown
from models.snapshot import Currency, Instant, TimeZone
from models.where import Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.files.yaml_reader import Location

VERSION = 1


def _cell_text(value: Any) -> str:
    """Return the text of a cell as YAML gives it; an empty one is ""."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise ValueError("must be a single value")


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


CellText = Annotated[str, BeforeValidator(_cell_text)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lookup(_Record):
    """Replaces a value by what another file says about it.

    Attributes
    ----------
    source : name of the file (`in` in YAML)
    key : its column that holds the value
    value : its column that holds the answer
    """

    source: str = Field(alias="in", min_length=1)
    key: str
    value: str


class MeanBook(_Record):
    """How many leads a rep of the same group owns on average: a limit that follows the load.

    Attributes
    ----------
    by : column of reps that makes the groups; one group of all reps without it
    times : factor on the mean
    round : to a whole number, if given
    """

    by: str | None = None
    times: float = Field(default=1, gt=0, allow_inf_nan=False)
    round: Literal["up", "down", "nearest"] | None = None


class Recipe(_Record):
    """How the cells of one column are made: an origin, then steps in the order below.

    Attributes
    ----------
    column : origin: a column of the source (a recipe that is bare text means this)
    constant : origin: the same text in every cell
    join : origin: several recipes, joined as the column needs: US/West, audit;cloud, Ann Lee
    mean_book : origin: the mean number of leads per rep
    values : replaces a value by another; an empty text clears it
    other : what happens to a value that `values` does not name: it is kept, an error, or cleared
    lookup : replaces a value by what another file says about it
    divided_by : what stands between the parts of a list or region path in the source
    format : how the source writes a number or time: 1.234,56 or DD.MM.YYYY hh:mm
    unit : the source's unit, such as minutes, percent, thousands, epoch milliseconds
    missing : recipe, or number, for the cells that are still empty
    """

    column: str | None = Field(default=None, min_length=1)
    constant: CellText | None = None
    join: tuple[Recipe, ...] | None = Field(default=None, min_length=2)
    mean_book: MeanBook | None = None
    values: dict[str, CellText] = Field(default_factory=dict)
    other: Literal["keep", "error", "clear"] = "keep"
    lookup: Lookup | None = None
    divided_by: str | None = Field(default=None, min_length=1)
    format: str | None = None
    unit: str | None = None
    missing: Annotated[Recipe, BeforeValidator(lambda value: _number_is_constant(value))] | None = (
        None
    )

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"column": value}
        if not isinstance(value, dict):
            raise ValueError(
                "must be the name of a source column, a recipe, or {constant: value}; "
                "put quotes around a column name that looks like a number"
            )
        return value

    @model_validator(mode="after")
    def _has_one_origin(self) -> Recipe:
        origins = [self.column, self.constant, self.join, self.mean_book]
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError("needs exactly one of column, constant, join and mean_book")
        if self.other != "keep" and not self.values:
            raise ValueError("`other` needs `values`")
        if self.constant is not None and len(self.model_fields_set) > 1:
            raise ValueError("a constant is taken as it is; leave the other keys out")
        return self

    def parts(self) -> Iterator[tuple[Location, Recipe]]:
        """Yield this recipe and those inside it, with where they stand in it."""
        yield (), self
        inner: list[tuple[Location, Recipe]] = [
            (("join", at), part) for at, part in enumerate(self.join or ())
        ]
        if self.missing is not None:
            inner.append((("missing",), self.missing))
        for start, recipe in inner:
            yield from (((*start, *rest), part) for rest, part in recipe.parts())

    @property
    def needs_books(self) -> bool:
        """Whether the cells depend on how many leads the reps own."""
        return any(part.mean_book is not None for _, part in self.parts())

    def describe(self) -> str:
        """Return the recipe in a few words."""
        if self.join is not None:
            text = " and ".join(part.describe() for part in self.join)
        elif self.mean_book is not None:
            by = f" by {self.mean_book.by}" if self.mean_book.by else ""
            text = f"{self.mean_book.times:g} times the mean book{by}"
        elif self.constant is not None:
            text = f"the constant {shown(self.constant)}"
        else:
            text = f"{self.column}"
        return f"{text}, looked up in {self.lookup.source}" if self.lookup else text


def _number_is_constant(value: Any) -> Any:
    """In `missing`, where a bare number can hardly be a column's name, it is a constant."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"constant": value} if is_number else value


class TablePart(_Record):
    """Records of a table that share their recipes.

    Attributes
    ----------
    files : names of the files, with the same columns (`from` in YAML)
    where : which of their records to take; all without it
    columns : recipe by column of the table
    keep : recipe by further column, which rules may then use
    """

    files: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(alias="from", min_length=1)
    where: Where | None = None
    columns: dict[str, Recipe] = Field(min_length=1)
    keep: dict[str, Recipe] = Field(default_factory=dict)

    def all_columns(self) -> dict[str, Recipe]:
        """Return the recipe of every column that the part makes."""
        return {**self.columns, **self.keep}

    def source_columns(self) -> set[str]:
        """Return the columns that the part reads of its files, those of lookups apart."""
        columns = {recipe.column for _, recipe in self.recipes() if recipe.column is not None}
        return columns | set(self.where.columns if self.where else ())

    def recipes(self) -> Iterator[tuple[Location, Recipe]]:
        """Yield every recipe, those inside others too, with where it stands in this part."""
        for section, recipes in (("columns", self.columns), ("keep", self.keep)):
            for name, recipe in recipes.items():
                yield from (((section, name, *at), part) for at, part in recipe.parts())


Parts = Annotated[tuple[TablePart, ...], BeforeValidator(_as_list), Field(min_length=1)]


class Tables(_Record):
    """The parts that each table is put together from: one, or a list of them."""

    leads: Parts
    reps: Parts
    history: Parts | None = None
    absences: Parts | None = None
    pins: Parts | None = None

    def parts(self) -> Iterator[tuple[str, int, TablePart]]:
        """Yield each part with its table and its number in it."""
        for name in TABLES:
            for at, part in enumerate(getattr(self, name) or ()):
                yield name, at, part


class SourceFile(_Record):
    """What a file needs before it can be used.

    Attributes
    ----------
    delimiter : what stands between its cells
    encoding : only UTF-8 is read
    values : per column, the values to replace, such as misspelt ones
    """

    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Literal["utf-8"] = "utf-8"
    values: dict[str, dict[str, CellText]] = Field(default_factory=dict)


class HeaderRules(_Record):
    """What snapshot.yaml will say; `as_of` may be given at the import instead."""

    as_of: Instant | None = None
    timezone: TimeZone = "UTC"
    currency: Currency


class Mapping(_Record):
    """A mapping file.

    Attributes
    ----------
    snapshot : as-of time, time zone and currency
    sources : what single files need, by name
    tables : how each table is made
    """

    version: int = Field(ge=VERSION, le=VERSION)
    snapshot: HeaderRules
    sources: dict[str, SourceFile] = Field(default_factory=dict)
    tables: Tables

    def confirmed_values(self) -> set[str]:
        """Return the values that are mapped to themselves: spelled as they are meant to be."""
        maps = [by for source in self.sources.values() for by in source.values.values()]
        for _, _, part in self.tables.parts():
            maps += [recipe.values for _, recipe in part.recipes()]
        return {value for by in maps for value, new in by.items() if value == new}

    def file_names(self) -> tuple[str, ...]:
        """Return the names (or patterns) of every file that a table needs, in order of use."""
        names: dict[str, None] = {}
        for _, _, part in self.tables.parts():
            names |= dict.fromkeys(part.files)
        for _, _, part in self.tables.parts():
            lookups = (recipe.lookup for _, recipe in part.recipes())
            names |= dict.fromkeys(lookup.source for lookup in lookups if lookup)
        return tuple(names)
