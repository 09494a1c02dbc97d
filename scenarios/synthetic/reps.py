"""The reps of a synthetic company: who they are, where they sell and what they can do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.synthetic import vocabulary as vocab
from scenarios.synthetic.spec import CompanySpec, Stream, as_datetime64, generator
from scenarios.synthetic.territories import Territory, plan_territories
from scenarios.synthetic.working_time import (
    WORKING_WEEK_SHARES,
    WORKING_WEEKS,
    Absence,
    WorkingWeek,
    draw_absences,
    present_shares,
)

NUM_CORE = 3
"""Senior reps per territory who are never away: they can take any lead that needs no skill."""
LEVEL_SHARES = (0.28, 0.42, 0.22, 0.08)
SKILL_CHANCE = 0.58
TWO_TERRITORIES_CHANCE = 0.10
REPS_PER_INACTIVE = 40


@dataclass(frozen=True)
class Staff:
    """The reps as arrays, for drawing what happened to them.

    Attributes
    ----------
    territories : of the company
    ids : rep ids
    home, second : territory indexes, shape (n_reps,); second is -1 for most
    rank : within the home territory, shape (n_reps,); 0 is the team lead
    languages : of all territories
    speaks : shape (n_reps, n_languages)
    skilled : shape (n_reps, n_skills)
    knows_all : whether skills are given as "*", shape (n_reps,)
    level : 1 to 4, shape (n_reps,)
    weeks : working week of each rep
    base_hours : hours a week outside the plan, shape (n_reps,)
    present : share of the plan's week that the rep works, shape (n_reps,)
    active : shape (n_reps,)
    popularity : relative number of leads that came to the rep in the past, shape (n_reps,)
    hired : dates, shape (n_reps,)
    absences : who is away
    """

    territories: tuple[Territory, ...]
    ids: tuple[str, ...]
    home: np.ndarray
    second: np.ndarray
    rank: np.ndarray
    languages: tuple[str, ...]
    speaks: np.ndarray
    skilled: np.ndarray
    knows_all: np.ndarray
    level: np.ndarray
    weeks: tuple[WorkingWeek, ...]
    base_hours: np.ndarray
    present: np.ndarray
    active: np.ndarray
    popularity: np.ndarray
    hired: np.ndarray
    absences: tuple[Absence, ...]

    @property
    def capacity_hours(self) -> np.ndarray:
        """Hours a week of each rep, shape (n_reps,)."""
        return np.array([week.capacity for week in self.weeks])

    @property
    def net_hours(self) -> np.ndarray:
        """Hours that each rep has for leads in the plan's week, shape (n_reps,)."""
        hours = self.capacity_hours * self.present - self.base_hours
        return np.where(self.active, np.maximum(hours, 0.0), 0.0)

    @property
    def available(self) -> np.ndarray:
        """Whether each rep can take new leads under the policy, shape (n_reps,)."""
        return self.active & (self.present >= 0.5)

    def covers(self, territory: int) -> np.ndarray:
        """Return the reps who cover a territory, in order."""
        return np.flatnonzero((self.home == territory) | (self.second == territory))


def hire(spec: CompanySpec) -> Staff:
    """Draw the reps of a company."""
    random = generator(spec, Stream.REPS)
    num_reps = spec.num_reps
    territories = plan_territories(num_reps)
    home = random.permutation(np.repeat(np.arange(len(territories)), _sizes(territories)))
    rank = _rank_within(home)
    core = rank < NUM_CORE
    second = _second_territories(territories, home, rank, random)
    languages, speaks = _draw_languages(territories, home, second, core, random)

    level = 1 + random.choice(4, num_reps, p=LEVEL_SHARES)
    level = np.where(core, np.maximum(level, 3), level)
    level[rank == 0] = 4
    skilled = random.random((num_reps, len(vocab.SKILLS))) < SKILL_CHANCE
    knows_all = rank == 0
    skilled[knows_all] = True

    contract = random.choice(len(WORKING_WEEKS), num_reps, p=WORKING_WEEK_SHARES)
    weeks = tuple(WORKING_WEEKS[index] for index in contract)
    capacity = np.array([week.capacity for week in weeks])
    base_hours = np.round(capacity * random.uniform(0.02, 0.14, num_reps) * 2) / 2

    others = random.permutation(np.flatnonzero(~core))
    num_inactive = num_reps // REPS_PER_INACTIVE
    active = np.ones(num_reps, dtype=bool)
    active[others[:num_inactive]] = False
    absences = draw_absences(spec, np.sort(others[num_inactive:]))

    # A heavy tail: a few reps hold books far above their hours, as years without planning leave.
    popularity = np.minimum(0.4 + random.pareto(2.2, num_reps), 2.8)
    popularity = np.where(active, popularity, 0.5) * capacity / 40
    years = random.gamma(1.6, 2.2, num_reps)
    hired = as_datetime64(spec.as_of).astype("datetime64[D]") - (60 + 365 * years).astype(int)
    return Staff(
        territories=territories,
        ids=tuple(f"R{number:0{len(str(num_reps))}d}" for number in range(1, num_reps + 1)),
        home=home,
        second=second,
        rank=rank,
        languages=languages,
        speaks=speaks,
        skilled=skilled,
        knows_all=knows_all,
        level=level,
        weeks=weeks,
        base_hours=base_hours,
        present=present_shares(spec, weeks, absences),
        active=active,
        popularity=popularity,
        hired=hired,
        absences=absences,
    )


def _sizes(territories: tuple[Territory, ...]) -> list[int]:
    return [territory.num_reps for territory in territories]


def _rank_within(group: np.ndarray) -> np.ndarray:
    """Return the position of each element among those of its group."""
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order])
    rank = np.empty(len(group), dtype=int)
    rank[order] = np.arange(len(group)) - starts
    return rank


def _second_territories(
    territories: tuple[Territory, ...],
    home: np.ndarray,
    rank: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Let the team leads and some others also cover the nearest territory of their language."""
    covers_two = (random.random(len(home)) < TWO_TERRITORIES_CHANCE) | (rank == 0)
    if len(territories) == 1:
        return np.full(len(home), -1)
    centres = np.array([territory.centre() for territory in territories])
    main = np.array([next(iter(territory.language_shares())) for territory in territories])
    distance = np.abs(centres[:, None] - centres[None]).sum(axis=2)
    distance += 1000.0 * (main[:, None] != main[None])
    np.fill_diagonal(distance, np.inf)
    return np.where(covers_two, distance.argmin(axis=1)[home], -1)


def _draw_languages(
    territories: tuple[Territory, ...],
    home: np.ndarray,
    second: np.ndarray,
    core: np.ndarray,
    random: np.random.Generator,
) -> tuple[tuple[str, ...], np.ndarray]:
    """Draw who speaks what: the more leads ask for a language, the more of its reps speak it."""
    shares = [territory.language_shares() for territory in territories]
    languages = tuple(sorted({language for share in shares for language in share}))
    chance = np.zeros((len(territories), len(languages)))
    main = np.zeros((len(territories), len(languages)), dtype=bool)
    for index, share in enumerate(shares):
        for language, part in share.items():
            chance[index, languages.index(language)] = min(0.45 + 1.2 * part, 0.98)
        main[index, languages.index(next(iter(share)))] = True
    speaks = random.random((len(home), len(languages))) < chance[home]
    everyone = core | ~speaks.any(axis=1)
    speaks[everyone] |= main[home[everyone]]
    two = second >= 0
    speaks[two] |= main[second[two]]
    return languages, speaks
