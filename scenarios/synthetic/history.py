"""What happened before: the deals that the reps won and lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from scenarios.synthetic import texts
from scenarios.synthetic import vocabulary as vocab
from scenarios.synthetic.leads import draw_amounts
from scenarios.synthetic.leads_table import company_names, lead_ids
from scenarios.synthetic.scene import draw
from scenarios.synthetic.spec import Stream, as_datetime64, generator

if TYPE_CHECKING:
    from scenarios.synthetic.leads import Leads
    from scenarios.synthetic.scene import Scene
    from scenarios.synthetic.spec import CompanySpec

HISTORY_PER_LEAD = 2
HISTORY_AT_MOST = 200_000
HISTORY_DAYS = 730
KNOWN_CUSTOMER_SHARE = 0.30
"""Share of the past deals with a company that has a lead today."""
WITH_OWNER_SHARE = 0.50
"""Share of those worked by the lead's present owner."""

BASE_LOG_ODDS = -1.0
GRADE_LOG_ODDS = (0.7, 0.0, -0.6)
PRODUCT_LOG_ODDS = (0.1, -0.3, 0.0, 0.2, 0.4, 0.1)
SPREAD_OF_REPS = 0.40
SPREAD_OF_PRODUCTS = 0.55
SPREAD_OF_GRADES = 0.25
"""Standard deviations of log odds: between reps, and within a rep between products and grades."""


def win_chances(scene: Scene) -> np.ndarray:
    """Return each rep's true chance to win by product and grade: (n_reps, n_products, n_grades)."""
    random = generator(scene.spec, Stream.WIN_RATES)
    num_reps = scene.spec.num_reps
    log_odds = (
        BASE_LOG_ODDS
        + random.normal(0, SPREAD_OF_REPS, (num_reps, 1, 1))
        + 0.15 * (scene.staff.level - 2)[:, None, None]
        + np.array(PRODUCT_LOG_ODDS)[None, :, None]
        + random.normal(0, SPREAD_OF_PRODUCTS, (num_reps, len(vocab.PRODUCTS), 1))
        + np.array(GRADE_LOG_ODDS)[None, None, :]
        + random.normal(0, SPREAD_OF_GRADES, (num_reps, 1, len(vocab.GRADES)))
    )
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def num_history(spec: CompanySpec) -> int:
    """Return how many past deals a company has."""
    return min(HISTORY_PER_LEAD * spec.num_leads, HISTORY_AT_MOST)


def history_table(scene: Scene, leads: Leads, chances: np.ndarray, chunk: int) -> pa.Table:
    """Return the chunk's share of the table of past deals."""
    spec = scene.spec
    random = generator(spec, Stream.HISTORY, chunk)
    start, stop = (row * num_history(spec) // spec.num_leads for row in scene.rows(chunk))
    num = stop - start
    num_leads, companies = len(leads.number), leads.companies

    lead = random.integers(0, num_leads, num)
    known = random.random(num) < KNOWN_CUSTOMER_SHARE
    first_past = leads.company.max() + 1
    past = random.integers(first_past, len(companies.number), num)
    company = np.where(known, leads.company[lead], past)
    territory = companies.territory[company]
    anybody = scene.eligibility.members[territory, draw(scene.member_shares[territory], random)]
    by_owner = known & (leads.owner[lead] >= 0) & (random.random(num) < WITH_OWNER_SHARE)
    rep = np.where(by_owner, leads.owner[lead], anybody)

    product = random.choice(len(vocab.PRODUCTS), num, p=vocab.PRODUCT_SHARES)
    grade = random.choice(len(vocab.GRADES), num, p=vocab.GRADE_SHARES)
    won = random.random(num) < chances[rep, product, grade]
    last_day = as_datetime64(spec.as_of).astype("datetime64[D]") - 1
    first_day = np.maximum(last_day - HISTORY_DAYS, scene.staff.hired[rep])
    days = (last_day - first_day).astype(np.int64)
    closed_on = first_day + (random.random(num) * (days + 1)).astype(np.int64)
    return pa.table(
        {
            "lead_id": lead_ids("H", np.arange(start, stop), num_history(spec)),
            "rep_id": texts.words(scene.staff.ids, rep),
            "closed_on": texts.dates(closed_on),
            "won": texts.numbers(won.astype(np.int64)),
            "amount": texts.numbers(draw_amounts(product, grade, random)),
            "region": texts.words([p.path for p in scene.places], companies.place[company]),
            "industry": texts.words(vocab.INDUSTRIES, companies.industry[company]),
            "product": texts.words(vocab.PRODUCTS, product),
            "grade": texts.words(vocab.GRADES, grade),
            "company": company_names(companies.number[company], spec.seed),
            "source": texts.words(
                vocab.SOURCES, random.choice(len(vocab.SOURCES), num, p=vocab.SOURCE_SHARES)
            ),
        }
    )
