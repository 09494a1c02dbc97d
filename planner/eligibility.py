"""Who may work what, by class: leads that look alike to the rules share their eligible reps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from planner.facts import combine, first_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from planner.facts import Facts
    from planner.rules.rule import Mask, MustRule, Rule

CLASSES_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class Eligibility:
    """The reps that each row's rules allow, and why each other rep is out.

    Attributes
    ----------
    rules, masks : every rule that can forbid a pair, and what it allows by class of leads
    row_class : (n_rows,) int64, the class of each row
    indptr : (n_classes + 1,) int64; rep : (indptr[-1],) int32, the eligible reps of each class
    """

    rules: tuple[Rule, ...]
    masks: tuple[Mask, ...]
    row_class: NDArray[np.int64]
    indptr: NDArray[np.int64]
    rep: NDArray[np.int32]

    def counts(self) -> NDArray[np.int64]:
        """Return (n_rows,) how many reps each row may go to."""
        return np.diff(self.indptr)[self.row_class]

    def allows(self, row: NDArray[np.int64], rep: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (n,) whether reps, given by position, may work rows; nobody (-1) may not."""
        size = int(max(self.rep.max(initial=-1), rep.max(initial=-1))) + 1
        length = np.diff(self.indptr)
        codes = np.repeat(np.arange(len(length)), length) * size + self.rep
        wanted = self.row_class[row] * size + rep
        at = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
        found = codes[at] == wanted if len(codes) else np.zeros(len(row), bool)
        allowed: NDArray[np.bool_] = found & (rep >= 0)
        return allowed

    def narrowed(self, key: NDArray[np.int64], allowed: NDArray[np.bool_]) -> Eligibility:
        """Return the eligibility without reps that are not allowed to a row.

        Parameters
        ----------
        key : (n_rows,) int64; allowed : (n_keys, n_reps) whom each key allows
        """
        row_class = combine(self.row_class, key, len(allowed))
        first = first_of(row_class)
        old = self.row_class[first]
        length = np.diff(self.indptr)[old]
        before = np.cumsum(length) - length
        rep = self.rep[np.repeat(self.indptr[old] - before, length) + np.arange(length.sum())]
        of_class = np.repeat(np.arange(len(first)), length)
        kept = allowed[key[first][of_class], rep]
        counts = np.bincount(of_class[kept], minlength=len(first))
        indptr = np.append(0, np.cumsum(counts))
        return replace(self, row_class=row_class, indptr=indptr, rep=rep[kept])

    def forbidding(self, lead: int, rep: int) -> Iterator[Rule]:
        """Yield every rule that keeps a lead from a rep."""
        for rule, mask in zip(self.rules, self.masks, strict=True):
            if not mask.allowed[mask.key[lead], rep]:
                yield rule

    def unpassed(self, lead: int) -> Iterator[Rule]:
        """Yield every rule that no rep at all passes for a lead."""
        for rule, mask in zip(self.rules, self.masks, strict=True):
            if not mask.allowed[mask.key[lead]].any():
                yield rule


def eligibility(
    rules: Sequence[MustRule], facts: Facts, row_of_lead: NDArray[np.int64]
) -> Eligibility:
    """Return who may work what.

    Parameters
    ----------
    row_of_lead : (n_leads,) int64, the row of each lead
    """
    masks = [rule.compiled(facts) for rule in rules]
    return combined(rules, masks, facts, row_of_lead)


def combined(
    rules: Sequence[Rule], masks: Sequence[Mask], facts: Facts, row_of_lead: NDArray[np.int64]
) -> Eligibility:
    """Return whom the masks of rules allow together.

    They are combined as packed bits once per class, not once per pair; a family of several leads is
    a class of its own, and allows whom all of its leads allow.
    """
    codes = np.zeros(facts.num_leads, np.int64)
    for mask in masks:
        codes = combine(codes, mask.key, len(mask.allowed))
    first = first_of(codes)
    packed = np.full((len(first), -(-facts.num_reps // 8)), 0xFF, np.uint8)
    for mask in masks:
        packed &= np.packbits(mask.allowed, axis=1)[mask.key[first]]
    row_class, packed = _with_families(codes, packed, row_of_lead)
    indptr, rep = _unpacked(packed, facts.num_reps)
    return Eligibility(tuple(rules), tuple(masks), row_class, indptr, rep)


def _with_families(
    codes: NDArray[np.int64], packed: NDArray[np.uint8], row_of_lead: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the class of each row, and the bits of classes, families' own ones appended."""
    size = np.bincount(row_of_lead)
    row_class = np.empty(len(size), np.int64)
    row_class[row_of_lead] = codes
    families = np.flatnonzero(size > 1)
    if len(families):
        members = np.flatnonzero(size[row_of_lead] > 1)
        members = members[np.argsort(row_of_lead[members], kind="stable")]
        starts = np.r_[0, np.cumsum(size[families])[:-1]]
        shared = np.bitwise_and.reduceat(packed[codes[members]], starts, axis=0)
        row_class[families] = len(packed) + np.arange(len(families))
        packed = np.vstack([packed, shared])
    return row_class, packed


def _unpacked(
    packed: NDArray[np.uint8], num_reps: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    counts, reps = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)]
    for start in range(0, len(packed), CLASSES_AT_ONCE):
        bits = np.unpackbits(packed[start : start + CLASSES_AT_ONCE], axis=1, count=num_reps)
        reps.append(np.nonzero(bits)[1].astype(np.int32))
        counts.append(bits.sum(axis=1, dtype=np.int64))
    return np.cumsum(np.concatenate(counts)), np.concatenate(reps)
