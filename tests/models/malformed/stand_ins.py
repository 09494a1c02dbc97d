"""What can stand where a file should."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.models.company import TABLES
from tests.models.malformed.case import FOLLOWS, Malformed, company, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def in_place_of_files() -> Iterator[Malformed]:
    """Yield what can stand where a file should."""
    for name in TABLES:
        for suffix in (".csv", ".parquet"):
            for kind, (make, code) in STAND_INS.items():
                yield Malformed(
                    f"{kind}: {name}{suffix}",
                    without(name),
                    frozenset({code}),
                    frozenset(FOLLOWS),
                    partial(_make_in, f"{name}{suffix}", make),
                )
    header = {name: data for name, data in company().items() if name != "snapshot.yaml"}
    for kind, (make, _) in STAND_INS.items():
        yield Malformed(
            f"{kind}: snapshot.yaml",
            header,
            frozenset(),
            frozenset({"bad_snapshot_file", "file_missing"}),
            partial(_make_in, "snapshot.yaml", make),
        )


def _make_in(name: str, make: Callable[[Path], object], directory: Path) -> None:
    make(directory / name)


def unreadable(path: Path) -> None:
    """Make a file that nobody can read, not even root."""
    memory = Path("/proc/self/mem")
    if memory.exists():
        path.symlink_to(memory)
    else:
        path.touch(mode=0)


STAND_INS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a directory": (lambda path: path.mkdir(), "not_a_file"),
    "a link to nothing": (lambda path: path.symlink_to("nothing"), "file_missing"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "file_missing"),
    "a pipe": (os.mkfifo, "not_a_file"),
    "an endless device": (lambda path: path.symlink_to("/dev/zero"), "not_a_file"),
    "an unreadable file": (unreadable, "unreadable_file"),
}
