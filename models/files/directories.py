"""Replaces a directory as a whole: readers see the old one or the new one, never a mixture."""

from __future__ import annotations

import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@contextmanager
def replaced_directory(
    directory: Path, *, keeps: Callable[[str], bool] = lambda _: False
) -> Iterator[Path]:
    """Yield an empty sibling to fill; it takes the directory's place if the block ends well.

    Parameters
    ----------
    keeps : tells by name which entries of the present directory to take over

    Raises
    ------
    OSError : the disk is full, or the place is not writable; the directory is as it was
    """
    target = directory.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    new = target.with_name(f".{target.name}.{token}.new")
    old = target.with_name(f".{target.name}.{token}.old")
    new.mkdir()
    try:
        yield new
        for entry in target.iterdir() if target.exists() else ():
            if keeps(entry.name):
                _copy(entry, new / entry.name)
        _swap(target, new, old)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _copy(entry: Path, to: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.copytree(entry, to, symlinks=True)
    else:
        shutil.copy2(entry, to, follow_symlinks=False)


def _swap(target: Path, new: Path, old: Path) -> None:
    """Put `new` in the place of `target`; on failure, `target` is put back."""
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
