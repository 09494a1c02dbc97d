"""Finds values that are probably one word, spelled in two ways."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from models.columns import TABLES, Kind
from models.files.importing.distinct import Distinct
from models.issues import IssueLog, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from models.raw_table import RawTable

MANY_WORDS = 200
"""A column of more words than this holds names or notes; what is alike there means nothing."""
LONGEST_COMPARED = 80
NAMES_OF_REPS = {
    "regions": "region",
    "industries": "industry",
    "products": "product",
    "languages": "language",
    "skills": "needs",
}
"""Columns of reps that must spell their words as this column of leads does."""
DIVIDERS = {Kind.TEXT: r"$^", Kind.PATH: r"/", Kind.PATHS: r"[/;]", Kind.LIST: r";"}
"""What stands between words, in the kinds of column that have words; text is one word."""
SPACING = re.compile(r"(?<=\D)[\s._-]+(?=\w)|(?<=\w)[\s._-]+(?=\D)")
"""Space, dot, dash or underscore inside a word, except between two digits."""
LONG_RUN = re.compile(r"[^\W\d_]{6,}")
"""Letters enough that one of them can be a slip; east and eats are two words."""


@dataclass
class Use:
    """Where a word is used: how often, and where first."""

    table: RawTable
    column: str
    first: int
    count: int = 0


def report_similar_values(
    tables: Mapping[str, RawTable], confirmed: Collection[str], issues: IssueLog
) -> None:
    """Report each pair of similar words, at the one that is used less.

    Words are compared among all columns that must spell them alike, such as the region of leads
    and the regions of reps: a rule that compares these would find nothing, without a word.

    Parameters
    ----------
    confirmed : values known to be right, so that what resembles them is right too
    """
    for uses in vocabularies(tables):
        if len(uses) > MANY_WORDS:
            continue
        for pair in sorted(similar_pairs(set(uses) - set(confirmed))):
            rare, usual = sorted(pair, key=lambda word: (uses[word].count, word))
            use = uses[rare]
            issues.add(
                "similar_value",
                use.table.name,
                source=use.table.file(use.first),
                line=use.table.line(use.first),
                column=use.column,
                got=f"{shown(rare)} beside {shown(usual)} ({uses[usual].count:,} cells)",
                count=use.count,
            )


def vocabularies(tables: Mapping[str, RawTable]) -> Iterator[dict[str, Use]]:
    """Yield the words, with their use, of the columns that must spell them alike."""
    columns: defaultdict[str, list[tuple[RawTable, str, Kind]]] = defaultdict(list)
    for table in tables.values():
        known = {column.name: column for column in TABLES[table.name]}
        for name in table.frame.columns:
            column = known.get(name)
            kind = column.kind if column else Kind.TEXT
            if kind in DIVIDERS and not (column and column.personal):
                vocabulary = NAMES_OF_REPS.get(name, name) if table.name == "reps" else name
                columns[vocabulary].append((table, name, kind))
    for members in columns.values():
        uses: dict[str, Use] = {}
        for table, name, kind in members:
            _add_uses(uses, table, name, re.compile(DIVIDERS[kind]))
        yield uses


def _add_uses(uses: dict[str, Use], table: RawTable, name: str, divider: re.Pattern[str]) -> None:
    cells = Distinct.of(table.frame[name])
    for cell, first, count in zip(cells.values, cells.firsts, cells.counts, strict=True):
        for word in map(str.strip, divider.split(cell)):
            if word and len(uses) <= MANY_WORDS:
                use = uses.setdefault(word, Use(table, name, int(first)))
                use.count += int(count)


def similar_pairs(words: Iterable[str]) -> set[tuple[str, str]]:
    """Return pairs that differ in case and spacing only, or in one letter of a long run of them.

    Words one edit apart become equal when a letter is left out of one of them or of both, so
    comparing what is left finds all pairs without comparing each with each.

    >>> sorted(similar_pairs(["GTX Pro", "GTXPro", "technolgy", "technology", "Plan A", "Plan B"]))
    [('GTX Pro', 'GTXPro'), ('technolgy', 'technology')]
    """
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted(set(words)):
        if len(word) <= LONGEST_COMPARED:
            for shape in {_plain(word), *_without_one_letter(word.casefold())}:
                alike[shape].append(word)
    pairs = {pair for group in alike.values() for pair in combinations(group, 2)}
    return {(one, other) for one, other in pairs if _is_similar(one, other)}


def _plain(word: str) -> str:
    return SPACING.sub("", word.casefold())


def _without_one_letter(word: str) -> Iterator[str]:
    """Yield a word without each of its letters that may be a slip: none that starts a run."""
    yield word
    for run in LONG_RUN.finditer(word):
        for at in range(run.start() + 1, run.end()):
            yield word[:at] + word[at + 1 :]


def _is_similar(one: str, other: str) -> bool:
    """Return whether words are the same but for case and spacing, or one edit apart."""
    if _plain(one) == _plain(other):
        return True
    short, long = sorted((one.casefold(), other.casefold()), key=len)
    if len(short) < len(long):
        return short in _without_one_letter(long)
    differ = [at for at, (a, b) in enumerate(zip(short, long, strict=True)) if a != b]
    if len(differ) == 2 and differ[1] == differ[0] + 1:
        return short[differ[0]] == long[differ[1]] and short[differ[1]] == long[differ[0]]
    return len(differ) == 1
