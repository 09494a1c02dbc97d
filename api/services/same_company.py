"""Whether tables are of the company whose tables came before.

From then on plans, recommendations, the pool and publishing would go by a wrong folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.services.desk.shared_records import shared_records
from api.services.snapshots import newest_or_none

if TYPE_CHECKING:
    from api.services.desk.intake import Taken
    from api.services.service import Service

FEW = 0.2
"""Share of the newest tables' reps, and of their leads: where both are fewer, it is another
company."""


def why_another(service: Service, taken: Taken) -> str | None:
    """Return why tables seem to be another company's than the newest; None if they do not, or are
    the first.
    """
    with service.database.reading() as session:
        newest = newest_or_none(session)
    if newest is None:
        return None
    before = service.copies.directory(newest.id)
    shared = service.clerk.ask(shared_records, taken.files[0].parent, before)
    reasons = []
    if taken.currency != newest.currency:
        reasons.append(f"their currency is {taken.currency}, not {newest.currency}")
    # An empty table tells nothing.
    filled = {name: told for name, told in shared.items() if told.before}
    if filled and all(told.still < FEW * told.before for told in filled.values()):
        counts = " and ".join(
            f"{told.still:,} of the {told.before:,} {name}" for name, told in filled.items()
        )
        reasons.append(f"they have {counts} that those have")
    if not reasons:
        return None
    return (
        "the tables seem to be of another company than the newest ones, of "
        f"{newest.as_of:%Y-%m-%d %H:%M} UTC: {', and '.join(reasons)}. If all is to go by them "
        "from now on, send them to /v1/snapshots with change_company=true"
    )
