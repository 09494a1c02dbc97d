"""Which schema a database has; without Alembic, which a server needs only to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

REVISIONS = ("0001", "0002")
"""Those of `api/store/migrations/versions`, in their order."""
NEWEST_REVISION = REVISIONS[-1]
_KEPT_IN = table("alembic_version", column("version_num"))


def revision_of(session: Session) -> str | None:
    """Return the revision that a database has; None if it has no schema yet."""
    if not inspect(session.connection()).has_table(_KEPT_IN.name):
        return None
    return session.scalar(select(_KEPT_IN.c.version_num))


def way_out(revision: str | None) -> str:
    """Return what to do where a database's tables are not those of this version."""
    if revision is None or revision in REVISIONS:
        return "run `fairlead migrate`"
    return "a newer version wrote them: use that one, or restore a backup that was saved before it"
