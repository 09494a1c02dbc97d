"""Which snapshots nothing may go by any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import WithdrawnError

if TYPE_CHECKING:
    from api.store.tables import SnapshotRow


def refuse_withdrawn(row: SnapshotRow) -> None:
    """Raise WithdrawnError if nothing may go by a snapshot."""
    if row.withdrawn_at is not None:
        raise WithdrawnError(
            f"the tables of snapshot {row.id!r} were withdrawn at "
            f"{row.withdrawn_at:%Y-%m-%d %H:%M} UTC ({row.withdrawn_why}); plan from the newest "
            "others, or send the right ones"
        )
