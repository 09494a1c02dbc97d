"""The leads that people have pinned to a rep, or barred from one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from scenarios.synthetic import texts
from scenarios.synthetic import vocabulary as vocab
from scenarios.synthetic.eligibility import LEAST_ELIGIBLE
from scenarios.synthetic.leads_table import lead_ids
from scenarios.synthetic.scene import draw
from scenarios.synthetic.spec import Stream, as_datetime64, generator

if TYPE_CHECKING:
    from scenarios.synthetic.leads import Leads
    from scenarios.synthetic.scene import Scene

PINS_PER_THOUSAND_LEADS = 3
FIXED_SHARE = 0.7
"""Share of the pins on leads with an eligible owner that keep them there."""
PERMANENT_SHARE = 0.3


def pins_table(scene: Scene, leads: Leads, faulty: np.ndarray, chunk: int) -> pa.Table:
    """Return the chunk's share of the table of pins; rows with a planted fault get none."""
    random = generator(scene.spec, Stream.PINS, chunk)
    first, after = (row * PINS_PER_THOUSAND_LEADS // 1000 for row in scene.rows(chunk))
    sound = np.setdiff1d(np.arange(len(leads.number)), faulty)
    rows = np.sort(random.choice(sound, min(after - first, len(sound)), replace=False))

    eligible = _eligible_members(scene, leads, rows)
    members = scene.eligibility.members[leads.territory[rows]]
    owner = leads.owner[rows]
    by_owner = (eligible & (members == owner[:, None])).any(axis=1)
    fixed = by_owner & (random.random(len(rows)) < FIXED_SHARE)
    other = members[np.arange(len(rows)), draw(scene.member_shares[leads.territory[rows]], random)]
    kept = fixed | (eligible.sum(axis=1) >= LEAST_ELIGIBLE)

    as_of = as_datetime64(scene.spec.as_of).astype("datetime64[D]")
    expires = as_of + random.integers(30, 300, len(rows))
    permanent = random.random(len(rows)) < PERMANENT_SHARE
    fixed_reason = random.integers(0, len(vocab.FIXED_REASONS), len(rows))
    forbidden_reason = random.integers(0, len(vocab.FORBIDDEN_REASONS), len(rows))
    reason = np.where(fixed, fixed_reason, len(vocab.FIXED_REASONS) + forbidden_reason)
    table = pa.table(
        {
            "lead_id": lead_ids("L", leads.number[rows], scene.spec.num_leads),
            "rep_id": texts.words(scene.staff.ids, np.where(fixed, owner, other)),
            "kind": texts.words(("forbidden", "fixed"), fixed.astype(np.int64)),
            "reason": texts.words((*vocab.FIXED_REASONS, *vocab.FORBIDDEN_REASONS), reason),
            "expires": texts.dates(expires, permanent),
        }
    )
    return table.filter(pa.array(kept))


def _eligible_members(scene: Scene, leads: Leads, rows: np.ndarray) -> np.ndarray:
    """Return which members of its territory can take each lead, shape (n_rows, n_members)."""
    territory = leads.territory[rows]
    eligibility, staff = scene.eligibility, scene.staff
    local = (eligibility.languages[territory] == leads.language[rows, None]).argmax(axis=1)
    qualified = eligibility.qualified[territory, local, leads.grade[rows], leads.needs[rows]]
    return np.asarray(qualified & staff.available[eligibility.members[territory]])
