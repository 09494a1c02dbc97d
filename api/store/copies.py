"""Copies of files on this machine's disk, for what reads directories."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from api.store.files import has_files, holds_files, write_files
from api.store.private import make_private

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.store.database import Database

LOG = logging.getLogger(__name__)
Contents = frozenset[tuple[str, int, int]]
ID = re.compile("[0-9a-f]{32}")
NEW, GOING = "new-", "going-"
"""How the names of copies begin that are not whole."""
GRACE_SECONDS = 3600.0
LEFT_SECONDS = 86_400.0
"""No request and no run takes so long."""
KEPT = 20
"""Owners of which copies are kept at least: more than one request or run needs."""


class Copies:
    """Directories with the files of owners. What belongs to an owner never changes, so a copy that
    was compared with the database once is right while its sizes and times stay; one that disks,
    power cuts or people have changed is made again. Whoever removes files must also `forget` them.

    Parameters
    ----------
    root : where they are; made if it is not there, and shared by all processes of this machine
    """

    def __init__(self, database: Database, root: Path) -> None:
        self._database = database
        self._root = root
        self._lock = Lock()
        self._compared: dict[str, Contents] = {}

    def directory(self, owner_id: str) -> Path:
        """Return the directory with an owner's files; leave it as it is.

        Raises
        ------
        NotFoundError : it has no files
        """
        if not ID.fullmatch(owner_id):
            raise ValueError(f"{owner_id!r} is no id")
        target = self._root / owner_id
        contents = contents_of(target)
        if contents is None or self._compared.get(owner_id) != contents:
            with self._lock:
                self._ensure(owner_id, target)
        with suppress(FileNotFoundError):
            os.utime(target)
        return target

    def forget(self, owner_id: str) -> None:
        """Remove the copy of an owner whose files were removed."""
        path = self._root / owner_id
        self._compared.pop(owner_id, None)
        # It is gone at once: nobody may take what is left of it for the whole.
        going = path.with_name(f"{GOING}{path.name}-{secrets.token_hex(4)}")
        with suppress(FileNotFoundError):
            path.rename(going)
        shutil.rmtree(going, ignore_errors=True)

    def forget_removed(self) -> None:
        """Remove the copies of owners whose files were removed, here or on another machine, and
        what processes left that were killed.
        """
        if not self._root.is_dir():
            return
        with self._database.reading() as session:
            for path in self._root.iterdir():
                if ID.fullmatch(path.name) and not has_files(session, path.name):
                    self.forget(path.name)
        remove_left(self._root, lambda name: name.startswith((NEW, GOING)))

    def _ensure(self, owner_id: str, target: Path) -> None:
        """Have a copy that is the same as what is in the database."""
        contents = contents_of(target)
        if contents is not None and self._compared.get(owner_id) == contents:
            return
        if contents is not None:
            with self._database.reading() as session:
                same = holds_files(session, owner_id, target)
            if not same:
                LOG.warning("the copy of %s is not what the database holds: made again", owner_id)
                self.forget(owner_id)
                contents = None
        if contents is None:
            self._fetch(owner_id, target)
            self._thin(target)
        compared = contents_of(target)
        if compared is not None:
            self._compared[owner_id] = compared

    def _fetch(self, owner_id: str, target: Path) -> None:
        make_private(self._root)
        new = Path(tempfile.mkdtemp(prefix=NEW, dir=self._root))
        try:
            with self._database.reading() as session:
                write_files(session, owner_id, new)
            try:
                # It appears whole; of two processes that fetch it, the first one's stays.
                new.rename(target)
            except OSError:
                if not target.is_dir():
                    raise
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _thin(self, newest: Path) -> None:
        """Remove copies that nobody has asked for lately."""
        asked_at = {
            path: _changed(path) for path in self._root.iterdir() if ID.fullmatch(path.name)
        }
        found = sorted(asked_at, key=lambda path: asked_at[path], reverse=True)
        for path in found[KEPT:]:
            # Whoever asked for it may still be reading it.
            if path != newest and asked_at[path] < time.time() - GRACE_SECONDS:
                self.forget(path.name)


def remove_left(root: Path, is_work: Callable[[str], bool]) -> None:
    """Remove what processes that were killed have left in a directory.

    Parameters
    ----------
    is_work : whether a name is of something that its process removes in the end
    """
    for path in root.iterdir():
        if is_work(path.name) and _changed(path) < time.time() - LEFT_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def contents_of(directory: Path) -> Contents | None:
    """Return name, size and time of change of each file; None where there is no directory."""
    try:
        found = [(entry.name, entry.stat()) for entry in os.scandir(directory)]
    except FileNotFoundError:
        return None
    return frozenset((name, about.st_size, about.st_mtime_ns) for name, about in found)


def _changed(path: Path) -> float:
    """Return when a directory was last asked for; now for one that is just removed."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
