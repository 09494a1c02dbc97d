"""What it means where this machine's disk refuses to keep something: no room, or no right."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import DiskFullError, ReadOnlyError

if TYPE_CHECKING:
    from api.errors import ServiceError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS)


def refusal_of(error: Exception) -> ServiceError | None:
    """Return what is told of an error; None where it is no refusal of a disk's."""
    if not isinstance(error, OSError):
        return None
    if error.errno in NO_ROOM:
        return DiskFullError(
            "the server has no room left for what was sent, and nothing of it was kept; free some, "
            "and try again"
        )
    if error.errno in NO_RIGHT:
        # The last part of the name may be a random one.
        named = isinstance(error.filename, str)
        place = f"in {Path(error.filename).parent}" if named else "where it must"
        return ReadOnlyError(
            f"the server cannot write {place}, and nothing of what was sent was kept: "
            f"{error.strerror}. Give the service's user the right to write there, or name another "
            "directory in FAIRLEAD_DATA"
        )
    return None
