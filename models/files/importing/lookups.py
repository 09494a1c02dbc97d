"""Looks values up in the files of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.files.importing.distinct import Distinct
from models.issues import IssueLog, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.files.importing.sources import Sources
    from models.files.mapping import Lookup
    from models.raw_table import RawTable


class Lookups:
    """Answers lookups; each file is indexed, and its ambiguities are reported, once."""

    def __init__(self, sources: Sources, issues: IssueLog) -> None:
        self.sources, self.issues = sources, issues
        self._answers: dict[Lookup, dict[str, str]] = {}

    def answers(self, lookup: Lookup) -> Mapping[str, str]:
        """Return the answer for every key of a lookup."""
        if lookup not in self._answers:
            answers: dict[str, str] = {}
            for table in self.sources.named(lookup.source):
                if {lookup.key, lookup.value} <= set(table.frame.columns):
                    self._add(answers, lookup, table)
            self._answers[lookup] = answers
        return self._answers[lookup]

    def _add(self, answers: dict[str, str], lookup: Lookup, table: RawTable) -> None:
        """Add a file's answers; a key with two different ones is reported, and keeps the first."""
        keys = Distinct.of(table.frame[lookup.key])
        values = table.frame[lookup.value].to_numpy()
        for key, value in zip(keys.values, values[keys.firsts], strict=True):
            answers.setdefault(key, value)
        kept = np.array([answers[key] for key in keys.values], dtype=object)[keys.codes]
        others = dict(zip(keys.codes[values != kept], values[values != kept], strict=True))
        ambiguous = [at for at in sorted(others) if keys.values[at].strip()]
        other = {keys.values[at]: others[at] for at in ambiguous}

        def say(key: str) -> dict[str, str]:
            both = f"{shown(answers[key])} and {shown(other[key])}"
            return {"got": f"{shown(key)} with {lookup.value} {both}"}

        keys.report("lookup_ambiguous", lookup.key, ambiguous, say, table, self.issues)
