"""The policy that a synthetic company plans by, as a commented file."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from scenarios.synthetic import vocabulary as vocab

if TYPE_CHECKING:
    from scenarios.synthetic.spec import CompanySpec

SENIOR_SHARE = 0.5
"""Share of the reps who may take A-grade leads."""
ROOM_FOR_A_GRADE = 1.5
"""The limit on A-grade leads against an even share among those reps."""

_POLICY = """\
version: 1
name: weekly-rebalance
currency: {currency}
period: {{starts: next monday, length: 1 week}}
must:                                   # every rule here must allow the pair
  - region: {{}}                          # the lead's region lies under one of the rep's
  - skills: {{}}                          # the rep has all the skills that the lead needs
  - level: {{by: grade, least: {{{levels}}}}}   # good leads go to experienced reps
  - match: {{lead: language, rep: languages}}
  - available: {{at_least: 50%}}          # of the period's working time
value:
  amount: {{column: amount, missing: {{median_by: [product]}}}}
  # What each rep won of each product and grade, drawn towards the average where deals are few.
  win_probability: {{history: {{by: [product, grade], per_rep: true, prior_strength: 20}}}}
  prefer:                               # soft: each multiplies the score, not the expected value
    - match: {{lead: industry, rep: industries, bonus: 10%}}
    - past_contact: {{bonus: 15%}}        # a rep who worked with the company before
    - distance: {{half_at_km: 3000}}
    - urgency: {{at_least: 5, bonus: 10%}}
capacity:
  - {{measure: effort_hours, at_most: capacity_hours}}
  - {{measure: count, at_most: max_leads, reserve: 10%}}   # room kept for arrivals in the week
  - {{measure: count, where: {{grade: A}}, at_most: {most_a_grade}}}
unassigned: {{cost: 100%}}                # of the best score the lead could have brought
"""


def policy_text(spec: CompanySpec) -> str:
    """Return the policy file of a synthetic company."""
    seniors = max(1.0, SENIOR_SHARE * spec.num_reps)
    even_share = vocab.GRADE_SHARES[vocab.GRADES.index("A")] * spec.num_leads / seniors
    levels = ", ".join(
        f"{grade}: {level}"
        for grade, level in zip(vocab.GRADES, vocab.GRADE_LEVELS, strict=True)
        if level > 0
    )
    return _POLICY.format(
        currency=spec.currency,
        levels=levels,
        most_a_grade=math.ceil(ROOM_FOR_A_GRADE * even_share),
    )
