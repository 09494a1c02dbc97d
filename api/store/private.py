"""Files that only their owner may read: they hold names, contacts and hashes of keys.

What is made here is private from the beginning. What is there already stays as its owner made it,
and is told of if every user of the machine may read it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from stat import S_IROTH, S_IXOTH
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
BESIDE = ("", "-journal", "-wal", "-shm")
"""What SQLite puts behind the name of a file for those beside it."""


def make_private(folder: Path) -> None:
    """Make a folder, and those above it, where they are not there yet; OSError if it cannot be."""
    for path in reversed([folder, *_missing(folder.parent)]):
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)


def begin_private(file: Path) -> None:
    """Make an empty file where there is none; SQLite gives those beside it the same mode."""
    # Whoever opens it next says better what is wrong.
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, FILE_MODE))


def open_to_all(file: Path) -> bool:
    """Return whether every user of this machine may read a file, by its mode and its folder's."""
    with suppress(OSError):
        return bool(file.stat().st_mode & S_IROTH and file.parent.stat().st_mode & S_IXOTH)
    return False


@contextmanager
def removed_if_it_fails(file: Path) -> Iterator[None]:
    """Remove a database's file and the folders made for it, unless they were there before, if an
    error leaves the block.
    """
    was_there, folders = _is_there(file), _missing(file.parent)
    try:
        yield
    except BaseException:
        if not was_there:
            for end in BESIDE:
                # Where a folder should be may be a file, which the error tells better.
                with suppress(OSError):
                    file.with_name(file.name + end).unlink(missing_ok=True)
            for folder in folders:
                # Something else may have been put there meanwhile.
                with suppress(OSError):
                    folder.rmdir()
        raise


def _missing(folder: Path) -> list[Path]:
    """Return a folder and those above it that are not there, the innermost first."""
    return [path for path in (folder, *folder.parents) if not _is_there(path)]


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # What may not be looked at is nothing to make or to remove.
        return True
