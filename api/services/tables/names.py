"""Names and contacts beside the rows of an export, for who asks for them and may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from api.errors import ForbiddenError, NotFoundError
from api.services.access.roles import Right
from api.services.contacts import Contacts
from api.services.people import LEADS, REPS, people_of
from api.store.people_file import open_people

if TYPE_CHECKING:
    from api.services.access.principal import Principal
    from api.services.people import People
    from api.services.service import Service
    from api.services.tables.rows import Change

MAY_SEE = frozenset({Right.PLAN, Right.ADMINISTER})
"""Who may see names and contacts has one of these rights."""
OF_LEAD = ("company", "email", "phone")
OF_REP = {"rep_name": "name"}
"""What the columns are called here, and in the table of reps."""
NAMES = (*OF_LEAD, *OF_REP)


def refuse_names(who: Principal) -> None:
    """Raise ForbiddenError unless somebody may see names and contacts."""
    if not MAY_SEE & who.rights:
        needed = " or ".join(sorted(MAY_SEE))
        raise ForbiddenError(
            f"names and contacts are for who has the right to {needed}; ask without `names`"
        )


def adding_names(service: Service, who: Principal, snapshot_id: str | None) -> Change:
    """Return what adds the columns with names to rows that have `lead_id` and `rep_id`: the names
    that somebody is told, see `Contacts`.

    Each call is a transaction of its own, for rows are written long after they were asked for.

    Parameters
    ----------
    snapshot_id : of the tables that tell them; None where they are not kept

    Raises
    ------
    NotFoundError : the tables are not kept any more
    """
    if snapshot_id is None:
        raise NotFoundError("the tables that told the names are not kept; ask without `names`")
    with service.database.reading() as session:
        # Now, and not in the middle of an answer.
        open_people(session, snapshot_id)

    def add(rows: pa.Table) -> pa.Table:
        lead_ids, rep_ids = rows["lead_id"].to_pylist(), rows["rep_id"].to_pylist()
        with service.database.reading() as session:
            told = Contacts(session, service.copies, who, snapshot_id).told(LEADS, lead_ids)
            leads = people_of(session, snapshot_id, LEADS, told)
            reps = people_of(session, snapshot_id, REPS, set(rep_ids) - {None})
        for column in OF_LEAD:
            rows = rows.append_column(column, _told(leads, lead_ids, column))
        for column, name in OF_REP.items():
            rows = rows.append_column(column, _told(reps, rep_ids, name))
        return rows

    return add


def _told(people: People, ids: list[str | None], column: str) -> pa.Array:
    return pa.array(
        [None if one is None else people.get(one, {}).get(column) for one in ids], pa.large_string()
    )
