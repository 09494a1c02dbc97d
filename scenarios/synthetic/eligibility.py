"""Which reps can take which leads, kept per class of leads that look alike to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.synthetic import vocabulary as vocab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scenarios.synthetic.reps import Staff

LEAST_ELIGIBLE = 3


@dataclass(frozen=True)
class Eligibility:
    """The reps of each class: a territory, one of its languages, a grade and a list of needs.

    Languages are numbered within their territory, the most common first; members are the reps
    who cover a territory. Both are padded to the largest number: languages with classes that no
    lead has, members with -1.

    Attributes
    ----------
    languages : of each territory, shape (n_territories, n_local); -1 pads
    members : shape (n_territories, n_members)
    qualified : shape (n_territories, n_local, n_grades, n_needs, n_members)
    num_eligible : qualified members who can take new leads, the shape without n_members
    needs, language : what leads of a class ask for instead, where it has too few eligible reps
    """

    languages: np.ndarray
    members: np.ndarray
    qualified: np.ndarray
    num_eligible: np.ndarray
    needs: np.ndarray
    language: np.ndarray

    def relaxed(
        self, territory: np.ndarray, language: np.ndarray, grade: np.ndarray, needs: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return language and needs of each lead, with several eligible reps for every one."""
        language = self.language[territory, language, grade]
        return language, self.needs[territory, language, grade, needs]


def eligibility_of(staff: Staff) -> Eligibility:
    """Work out who can take what, by territory, level, language and skills."""
    local = [
        [staff.languages.index(language) for language in territory.language_shares()]
        for territory in staff.territories
    ]
    languages = _padded(local)
    members = _padded([staff.covers(index) for index in range(len(staff.territories))])
    is_member = members >= 0
    is_spoken = staff.speaks[members[:, None, :], languages[:, :, None]]
    speaks = np.where(languages[:, :, None] >= 0, is_spoken, False)
    senior = np.stack([staff.level[members] >= level for level in vocab.GRADE_LEVELS], axis=1)
    skilled = np.stack(
        [np.asarray(staff.skilled[:, list(needs)].all(axis=1))[members] for needs in vocab.NEEDS],
        axis=1,
    )
    qualified = (
        is_member[:, None, None, None, :]
        & speaks[:, :, None, None, :]
        & senior[:, None, :, None, :]
        & skilled[:, None, None, :, :]
    )
    available = staff.available[members] & is_member
    num_eligible = (qualified & available[:, None, None, None, :]).sum(axis=-1)
    least = np.minimum(LEAST_ELIGIBLE, available.sum(axis=1))
    return Eligibility(
        languages=languages,
        members=members,
        qualified=qualified,
        num_eligible=num_eligible,
        needs=_enough_needs(num_eligible >= least[:, None, None, None]),
        language=_enough_language(num_eligible[..., 0] >= least[:, None, None]),
    )


def _enough_needs(enough: np.ndarray) -> np.ndarray:
    """Return for each class the list of needs to ask for: its own, one of the two, or none."""
    single = {needs[0]: code for code, needs in enumerate(vocab.NEEDS) if len(needs) == 1}
    chosen = np.zeros(enough.shape, dtype=np.int64)
    for code, needs in enumerate(vocab.NEEDS):
        for fewer in (*(single[skill] for skill in needs), code):
            chosen[..., code] = np.where(enough[..., fewer], fewer, chosen[..., code])
    return chosen


def _enough_language(enough: np.ndarray) -> np.ndarray:
    """Return for each class the language to ask for: its own, or the territory's main one."""
    own = np.arange(enough.shape[1])[None, :, None]
    return np.where(enough, own, 0)


def _padded(rows: Sequence[Sequence[int] | np.ndarray]) -> np.ndarray:
    table = np.full((len(rows), max(len(row) for row in rows)), -1, dtype=np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table
