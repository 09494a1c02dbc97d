"""A chunk of drawn leads as the table of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scenarios.synthetic import texts
from scenarios.synthetic import vocabulary as vocab

if TYPE_CHECKING:
    from scenarios.synthetic.effort import EffortScale
    from scenarios.synthetic.leads import Leads
    from scenarios.synthetic.scene import Scene


_LISTS_OF_NEEDS: tuple[str | None, ...] = tuple(
    ";".join(vocab.SKILLS[skill] for skill in needs) or None for needs in vocab.NEEDS
)


def leads_table(scene: Scene, leads: Leads, effort: EffortScale) -> pa.Table:
    """Return the table of a chunk's leads."""
    num_leads = len(leads.number)
    unowned = leads.owner < 0
    status = np.where(unowned & (leads.stage == 0), 0, np.where(leads.open_task, 2, 1))
    company, email = _customers(scene, leads)
    empty = pa.nulls(num_leads, pa.string())
    return pa.table(
        {
            "lead_id": lead_ids("L", leads.number, scene.spec.num_leads),
            "region": texts.words([place.path for place in scene.places], leads.place),
            "industry": texts.words(vocab.INDUSTRIES, leads.companies.industry[leads.company]),
            "product": texts.words(vocab.PRODUCTS, leads.product),
            "needs": texts.words(_LISTS_OF_NEEDS, leads.needs),
            "language": texts.words(scene.staff.languages, leads.language),
            "grade": texts.words(vocab.GRADES, leads.grade),
            "stage": texts.words(vocab.STAGES, leads.stage),
            "source": texts.words(vocab.SOURCES, leads.source),
            "amount": texts.numbers(leads.amount),
            "currency": texts.constant(scene.spec.currency, num_leads),
            "win_probability": texts.numbers(leads.win_probability),
            "effort_hours": texts.numbers(effort.hours(leads.raw_effort)),
            "urgency": texts.numbers(leads.urgency.astype(np.int64)),
            "owner": texts.words(scene.staff.ids, leads.owner),
            "owned_since": texts.times(leads.owned_since, unowned),
            "last_activity": texts.times(leads.last_activity),
            "created": texts.times(leads.created),
            "open_task": texts.numbers(leads.open_task.astype(np.int64)),
            "family": empty,
            "company": company,
            "email": email,
            "phone": _phones(scene, leads),
            "latitude": texts.numbers(leads.latitude),
            "longitude": texts.numbers(leads.longitude),
            "postal_code": texts.numbered("", 1000 + 37 * leads.place + leads.company % 37, 5),
            "status": texts.words(("new", "open", "working"), status),
        }
    )


def lead_ids(prefix: str, numbers: np.ndarray, most: int) -> pa.Array:
    """Return ids counted from 1, of equal width for all numbers of a table."""
    return texts.numbered(prefix, numbers + 1, len(str(most)))


def company_names(number: np.ndarray, seed: int) -> pa.Array:
    """Return a distinct name for each company."""
    return texts.company_words(
        number,
        seed,
        (vocab.COMPANY_FIRST_WORDS, vocab.COMPANY_SECOND_WORDS, vocab.COMPANY_LAST_WORDS),
    )


def _customers(scene: Scene, leads: Leads) -> tuple[pa.Array, pa.Array]:
    """Return company and e-mail: the addresses of one company differ in the first name."""
    number = leads.companies.number[leads.company]
    company = company_names(number, scene.spec.seed)
    first = (number * 5 + leads.contact * 7) % len(vocab.FIRST_NAMES)
    last = (number * 3 + leads.contact * 11) % len(vocab.LAST_NAMES)
    # RFC 2606 reserves .example, so no address can belong to anybody.
    email = texts.concatenated(
        pc.utf8_lower(texts.words(vocab.FIRST_NAMES, first)),
        ".",
        pc.utf8_lower(texts.words(vocab.LAST_NAMES, last)),
        "@",
        pc.replace_substring(pc.utf8_lower(company), " ", "-"),
        ".example",
    )
    return company, email


def _phones(scene: Scene, leads: Leads) -> pa.Array:
    """Return telephone numbers, all distinct, behind a prefix kept for fiction."""
    codes = texts.words([place.calling_code for place in scene.places], leads.place)
    return texts.concatenated("+", codes, texts.numbered(" 555 ", leads.number, 8))
