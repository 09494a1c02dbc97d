"""Ties are broken by a hash of (seed, lead, rep), never by order or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.problem import Problem

    Keys = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mixed(keys: Keys) -> Keys:
    """Return well spread uint64 of uint64 keys.

    References
    ----------
    splitmix64: Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators",
    doi:10.1145/2714064.2660195
    """
    with np.errstate(over="ignore"):
        keys = keys + GOLDEN
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return keys ^ (keys >> np.uint64(31))


def rep_ties(problem: Problem, seed: int) -> Keys:
    """Return (n_reps,) a random but repeatable order of reps."""
    return _seeded(problem.rep_key, seed)


def row_ties(problem: Problem, seed: int) -> Keys:
    """Return (n_rows,) a random but repeatable order of rows."""
    return _seeded(problem.row_key, seed)


def pair_ties(problem: Problem, seed: int) -> Keys:
    """Return (n_pairs,) a random but repeatable order of pairs; nobody comes last."""
    rows = np.repeat(row_ties(problem, seed), np.diff(problem.indptr))
    # Mixed once more, so that a rep with a row's key does not undo it.
    reps = mixed(np.append(rep_ties(problem, seed), np.uint64(0)))[problem.rep]
    ties = mixed(rows ^ reps)
    ties[problem.rep < 0] = np.iinfo(np.uint64).max
    return ties


def _seeded(keys: Keys, seed: int) -> Keys:
    return mixed(keys ^ mixed(np.full(len(keys), seed, np.uint64)))
