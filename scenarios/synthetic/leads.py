"""The leads of a synthetic company, drawn one chunk at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scenarios.synthetic import vocabulary as vocab
from scenarios.synthetic.scene import CHUNK_LEADS, draw
from scenarios.synthetic.spec import Stream, as_datetime64, generator

if TYPE_CHECKING:
    from scenarios.synthetic.scene import Scene

OWNED_SHARE = 0.70
MISPLACED_SHARE = 0.04
"""Share of the owned leads whose owner covers the region but may fail another rule."""
MISSING_PROBABILITY_SHARE = 0.03
MISSING_AMOUNT_SHARE = 0.01
OPEN_TASK_SHARE = 0.30
COMPANY_SIZE_SHARES = (0.45, 0.30, 0.15, 0.10)
NUM_NEEDS_SHARES = (0.45, 0.40, 0.15)
CERTAINTY = 15.0
"""Concentration of the beta distribution of win probabilities."""


@dataclass(frozen=True)
class Companies:
    """The customers of a chunk, of its leads and of its past; arrays of shape (n_companies,)."""

    number: np.ndarray
    territory: np.ndarray
    place: np.ndarray
    industry: np.ndarray
    language: np.ndarray


@dataclass(frozen=True)
class Leads:
    """A chunk of leads as codes and numbers, arrays of shape (n_leads,).

    A code is an index into the words of `vocabulary`; owner is the index of a rep, -1 for none;
    contact counts the leads of one company from 0; nan is a missing number.
    """

    companies: Companies
    number: np.ndarray
    company: np.ndarray
    contact: np.ndarray
    product: np.ndarray
    needs: np.ndarray
    language: np.ndarray
    grade: np.ndarray
    stage: np.ndarray
    source: np.ndarray
    amount: np.ndarray
    win_probability: np.ndarray
    raw_effort: np.ndarray
    urgency: np.ndarray
    owner: np.ndarray
    created: np.ndarray
    owned_since: np.ndarray
    last_activity: np.ndarray
    open_task: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def territory(self) -> np.ndarray:
        """Territory of each lead's company."""
        return np.asarray(self.companies.territory[self.company])

    @property
    def place(self) -> np.ndarray:
        """Place of each lead's company."""
        return np.asarray(self.companies.place[self.company])


def draw_leads(scene: Scene, chunk: int) -> Leads:
    """Draw the leads of one chunk, the same whichever chunks were drawn before."""
    random = generator(scene.spec, Stream.LEADS, chunk)
    start, stop = scene.rows(chunk)
    num_leads = stop - start
    companies = _draw_companies(scene, chunk, random)
    company, contact = _draw_contacts(num_leads, random)
    territory, place = companies.territory[company], companies.place[company]

    grade = random.choice(len(vocab.GRADES), num_leads, p=vocab.GRADE_SHARES)
    stage = random.choice(len(vocab.STAGES), num_leads, p=vocab.STAGE_SHARES)
    product = random.choice(len(vocab.PRODUCTS), num_leads, p=vocab.PRODUCT_SHARES)
    language, needs = scene.eligibility.relaxed(
        territory, companies.language[company], grade, _draw_needs(num_leads, random)
    )
    owner = _draw_owners(scene, (territory, language, grade, needs), random)
    created, owned_since, last_activity = _draw_times(scene, owner, random)
    effort = np.array(vocab.GRADE_EFFORTS)[grade] * np.array(vocab.STAGE_EFFORTS)[stage]
    amount = draw_amounts(product, grade, random)
    amount[random.random(num_leads) < MISSING_AMOUNT_SHARE] = np.nan
    positions = np.array([(p.latitude, p.longitude) for p in scene.places])[place]
    positions = np.round(positions + random.normal(0, 0.25, positions.shape), 4)
    return Leads(
        companies=companies,
        number=np.arange(start, stop),
        company=company,
        contact=contact,
        product=product,
        needs=needs,
        language=scene.eligibility.languages[territory, language],
        grade=grade,
        stage=stage,
        source=random.choice(len(vocab.SOURCES), num_leads, p=vocab.SOURCE_SHARES),
        amount=amount,
        win_probability=_draw_win_probability(grade, stage, random),
        raw_effort=effort * random.gamma(6.0, 1 / 6.0, num_leads),
        urgency=np.clip(np.round(1 + 0.8 * stage + random.normal(0, 0.8, num_leads)), 1, 5),
        owner=owner,
        created=created,
        owned_since=owned_since,
        last_activity=last_activity,
        open_task=(random.random(num_leads) < OPEN_TASK_SHARE) & (owner >= 0),
        latitude=positions[:, 0],
        longitude=positions[:, 1],
    )


def draw_amounts(product: np.ndarray, grade: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw log-normal amounts by product and grade, to the ten."""
    median = np.array(vocab.PRODUCT_AMOUNTS)[product] * np.array(vocab.GRADE_AMOUNTS)[grade]
    amount = median * random.lognormal(0.0, 0.7, len(product))
    return np.asarray(10 * np.round(np.maximum(amount, 100.0) / 10))


def _draw_companies(scene: Scene, chunk: int, random: np.random.Generator) -> Companies:
    """Draw twice as many customers as leads: those without a lead have only a past."""
    start, stop = scene.rows(chunk)
    num = 2 * (stop - start)
    territory = np.searchsorted(scene.territory_shares, random.random(num), side="right")
    place = np.searchsorted(scene.place_shares, territory + random.random(num), side="right")
    # The running sum may miss a territory's whole number by a rounding error.
    place = np.clip(place, scene.first_place[territory], scene.first_place[territory + 1] - 1)
    return Companies(
        number=np.arange(num) + 2 * CHUNK_LEADS * chunk,
        territory=territory,
        place=place,
        industry=random.choice(len(vocab.INDUSTRIES), num, p=vocab.INDUSTRY_SHARES),
        language=draw(scene.language_shares[place], random),
    )


def _draw_contacts(num_leads: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw companies of one to four leads, scattered over the rows; return company and contact."""
    sizes = 1 + random.choice(len(COMPANY_SIZE_SHARES), num_leads, p=COMPANY_SIZE_SHARES)
    company = np.repeat(np.arange(num_leads), sizes)
    contact = np.arange(len(company)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    order = random.permutation(num_leads)
    return company[order], contact[order]


def _draw_needs(num_leads: int, random: np.random.Generator) -> np.ndarray:
    """Draw lists of zero, one or two skills, as codes of `vocabulary.NEEDS`."""
    num_needs = random.choice(len(NUM_NEEDS_SHARES), num_leads, p=NUM_NEEDS_SHARES)
    lengths = np.array([len(needs) for needs in vocab.NEEDS])
    first = np.searchsorted(lengths, num_needs, side="left")
    count = np.searchsorted(lengths, num_needs, side="right") - first
    return np.asarray(first + (count * random.random(num_leads)).astype(int))


def _draw_owners(
    scene: Scene, lead_class: tuple[np.ndarray, ...], random: np.random.Generator
) -> np.ndarray:
    """Draw present owners from an uneven past: mostly reps who may have the lead today."""
    territory = lead_class[0]
    num_leads = len(territory)
    qualified = draw(scene.owner_shares[lead_class], random)
    anybody = draw(scene.member_shares[territory], random)
    member = np.where(random.random(num_leads) < MISPLACED_SHARE, anybody, qualified)
    owner = scene.eligibility.members[territory, member]
    return np.where(random.random(num_leads) < OWNED_SHARE, owner, -1)


def _draw_times(
    scene: Scene, owner: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw created <= owned_since <= last_activity <= as_of, nobody owning before being hired."""
    as_of = as_datetime64(scene.spec.as_of)
    num_leads = len(owner)
    age_days = np.minimum(random.gamma(1.5, 90.0, num_leads), 720.0)
    created = as_of - (age_days * 86_400).astype(np.int64)
    earliest = np.maximum(created, scene.staff.hired[owner].astype("datetime64[s]"))
    owned_since = _between(earliest, as_of, random.beta(1.0, 3.0, num_leads))
    begun = np.where(owner >= 0, owned_since, created)
    last_activity = _between(begun, as_of, random.beta(3.0, 1.0, num_leads))
    return created, owned_since, last_activity


def _between(start: np.ndarray, end: np.datetime64, share: np.ndarray) -> np.ndarray:
    return np.asarray(start + ((end - start).astype(np.int64) * share).astype(np.int64))


def _draw_win_probability(
    grade: np.ndarray, stage: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    chances = np.outer(vocab.GRADE_WIN_CHANCES, vocab.STAGE_WIN_CHANCES)
    mean = chances[grade, stage]
    probability = random.beta(CERTAINTY * mean, CERTAINTY * (1 - mean))
    probability = np.round(np.clip(probability, 0.005, 0.97), 3)
    missing = random.random(len(grade)) < MISSING_PROBABILITY_SHARE
    return np.where(missing, np.nan, probability)
