"""What Chatwoot's assignment of conversations does (baselines P5).

An inbox is the channel that a lead came from, who is online is at work, and an agent's own limit of
open conversations is the policy's limits. A conversation's team has no counterpart, since leads
have none; nor have the window of 24 hours and the hundred conversations of one run, since runs
follow each other until nothing is left.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from planner.engines.baselines.desk import Desk
from planner.engines.ties import rep_ties

if TYPE_CHECKING:
    from models.arrays import Ints
    from planner.engines.baselines.intake import Intake


def chatwoot_round_robin(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: as leads arrive, each to the agent its inbox served least recently.

    An inbox's queue begins in random order.
    """
    desk = Desk(intake)
    channel = intake.leads.channel.tolist()
    first = np.argsort(np.argsort(rep_ties(intake.problem, seed))).tolist()
    served: defaultdict[int, list[int]] = defaultdict(lambda: list(first))
    turn = len(first)
    for row in desk.waiting:
        if takers := desk.takers(row):
            queue = served[channel[row]]
            rep = min(takers, key=queue.__getitem__)
            queue[rep] = turn
            turn += 1
            desk.give(row, rep)
    return desk.assignment()


def chatwoot_balanced(intake: Intake, seed: int = 0) -> Ints:
    """Return (n_rows,) pairs: each lead to the agent with the fewest open ones in its inbox.

    Ties go by the order of the list. Leads outside the plan are in no inbox.
    """
    del seed
    desk = Desk(intake)
    channel, open_leads = intake.leads.channel.tolist(), intake.leads.open_leads.tolist()
    held: defaultdict[tuple[int, int], float] = defaultdict(float)
    for row, rep in desk.settled:
        held[channel[row], rep] += open_leads[row]
    for row in desk.waiting:
        if takers := desk.takers(row):
            inbox = channel[row]
            rep = min(takers, key=lambda rep: (held[inbox, rep], rep))
            held[inbox, rep] += open_leads[row]
            desk.give(row, rep)
    return desk.assignment()
