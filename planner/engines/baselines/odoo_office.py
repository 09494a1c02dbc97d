"""A desk with sales teams, as Odoo has them: leads go to a team, then to one of its members."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from planner.engines.baselines.desk import Desk
from planner.engines.ties import row_ties

if TYPE_CHECKING:
    from collections.abc import Callable

    from planner.engines.baselines.intake import Intake


class Office:
    """A desk with sales teams.

    Attributes
    ----------
    given : (n_reps,) rows that each rep got here
    queues : rows of each team that are still without a rep, those with the best chance first
    """

    def __init__(self, intake: Intake, seed: int) -> None:
        self.desk = Desk(intake)
        self.given = [0] * intake.problem.num_reps
        self.queues: dict[int, list[int]] = {}
        self._random = np.random.default_rng(seed)
        self._liked = intake.leads.liked.tolist()
        self._capacity = np.where(intake.reps.at_work, intake.reps.capacity, 0.0)
        self._team: list[int] = intake.reps.team.tolist()
        self._members = {
            int(team): np.flatnonzero((intake.reps.team == team) & intake.reps.at_work).tolist()
            for team in np.unique(intake.reps.team)
        }
        rank = np.lexsort((row_ties(intake.problem, seed), -intake.leads.chance))
        self._by_chance = np.argsort(rank).tolist()

    def allocate(self, rows: list[int]) -> None:
        """Share rows, as they arrived, out among the teams whose members may work them.

        Again and again a team is drawn, weighted by its members' capacities, and gets the first
        row that it may have.
        """
        weight = {
            team: float(self._capacity[members].sum()) for team, members in self._members.items()
        }
        wanted: dict[int, deque[int]] = {team: deque() for team in weight if weight[team] > 0}
        for row in rows:
            for team in {self._team[rep] for rep in self.desk.eligible(row)} & wanted.keys():
                wanted[team].append(row)
        self.queues = {team: [] for team in wanted}
        taken: set[int] = set()
        while wanted := {team: own for team, own in wanted.items() if _next(own, taken)}:
            teams = list(wanted)
            share = np.array([weight[team] for team in teams])
            # Drawn until one of them has nothing left: the weights stay the same so long.
            for place in self._random.choice(len(teams), max(map(len, wanted.values())),
                                             p=share / share.sum()).tolist():  # fmt: skip
                own = wanted[teams[place]]
                if not _next(own, taken):
                    break
                taken.add(own[0])
                self.queues[teams[place]].append(own.popleft())
        for queue in self.queues.values():
            queue.sort(key=self._by_chance.__getitem__)

    def work_off(self, run: Callable[[int], int]) -> None:
        """Run every team, day after day, until a day places nothing."""
        while sum([run(team) for team in self.queues]):
            pass

    def rotate(self, team: int, quota: list[int]) -> int:
        """Return how many rows a team's members got in one daily run of the present Odoo.

        Members stand in a list, the largest quota first, ties by chance. Whoever takes a row goes
        to the end, or leaves with a full quota. First rows go to members who prefer them.
        """
        members = [rep for rep in self._members[team] if quota[rep] > 0]
        luck = dict(zip(members, self._random.random(len(members)).tolist(), strict=True))
        members.sort(key=lambda rep: (-quota[rep], luck[rep]))
        left, before = list(quota), len(self.queues[team])
        for wants in (self._prefers, self.desk.fits):
            self.queues[team] = self._pass(self.queues[team], members, left, wants)
        return before - len(self.queues[team])

    def _pass(
        self,
        queue: list[int],
        members: list[int],
        left: list[int],
        wants: Callable[[int, int], bool],
    ) -> list[int]:
        """Return the rows of a queue that no member takes; the list of members goes round."""
        waiting: list[int] = []
        for at, row in enumerate(queue):
            if not members:
                return waiting + queue[at:]
            rep = next((rep for rep in members if wants(row, rep)), None)
            if rep is None:
                waiting.append(row)
                continue
            self._give(row, rep)
            members.remove(rep)
            left[rep] -= 1
            if left[rep] > 0:
                members.append(rep)
        return waiting

    def draw(self, team: int, quota: list[int]) -> int:
        """Return how many rows a team's members got in one daily run of the older Odoo."""
        left = {rep: quota[rep] for rep in self._members[team] if quota[rep] > 0}
        queue, before = self.queues[team], len(self.queues[team])
        while left:
            share = np.array(list(left.values()), np.float64)
            rep = list(left)[self._random.choice(len(left), p=share / share.sum())]
            row = next((row for row in queue if self.desk.fits(row, rep)), None)
            if row is None:
                del left[rep]
                continue
            queue.remove(row)
            self._give(row, rep)
            left[rep] -= 1
            if left[rep] == 0:
                del left[rep]
        return before - len(queue)

    def _prefers(self, row: int, rep: int) -> bool:
        return self.desk.fits(row, rep) and self._liked[self.desk.pair(row, rep)]

    def _give(self, row: int, rep: int) -> None:
        self.desk.give(row, rep)
        self.given[rep] += 1


def _next(rows: deque[int], taken: set[int]) -> bool:
    """Return whether a row is left, after dropping the first ones that another team has got."""
    while rows and rows[0] in taken:
        rows.popleft()
    return bool(rows)
