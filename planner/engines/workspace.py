"""A private directory that leaves nothing behind, even when its process is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "fairlead-solve-"


@contextmanager
def workspace(root: Path | None = None, prefix: str = PREFIX) -> Iterator[Path]:
    """Yield a new directory that only this user can read, and remove it at the end.

    A killed process cannot remove its directory, but its lock on it ends with it: whoever makes
    the next directory finds the old one without a lock and removes it.

    Parameters
    ----------
    root : where it is made; the system's place for what is temporary if None
    prefix : how its name begins; whoever makes one looks for old ones of the same prefix
    """
    root = Path(tempfile.gettempdir()) if root is None else root
    _remove_abandoned(root, prefix)
    # Until it has its lock it bears a name that nobody looks for.
    directory = Path(tempfile.mkdtemp(prefix=f".{prefix}", dir=root))
    lock = os.open(directory, os.O_RDONLY)
    try:
        # Some network file systems know no locks; nobody cleans up there either.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        directory = directory.rename(directory.with_name(directory.name.removeprefix(".")))
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


def _remove_abandoned(root: Path, prefix: str) -> None:
    for directory in root.glob(f"{prefix}*"):
        # Raised where it is gone by now, belongs to somebody else, or its process lives.
        with suppress(OSError):
            lock = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(lock)
