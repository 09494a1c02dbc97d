"""Runs the command line in the test's own process: to start it takes longer than most commands."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack, chdir, contextmanager
from typing import IO, TYPE_CHECKING

import pytest

from api.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def run_here(*args: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Return what `fairlead ARGS` prints and how it ends."""
    words = ["fairlead", *map(str, args)]
    with ExitStack() as stack:
        # At the level of file descriptors: libraries that print past Python must be caught, too.
        told = stack.enter_context(_caught(1, "stdout"))
        faults = stack.enter_context(_caught(2, "stderr"))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(sys, "argv", words)
        patch.setenv("COLUMNS", "120")
        stack.enter_context(chdir(cwd or "."))
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
        sys.stderr.flush()
        # What C libraries still hold belongs to this command, not to the next one.
        ctypes.CDLL(None).fflush(None)
        return subprocess.CompletedProcess(words, code, _text(told), _text(faults))


@contextmanager
def _caught(number: int, name: str) -> Iterator[IO[bytes]]:
    """Lead a standard stream into a file until the block ends."""
    kept = os.dup(number)
    try:
        with tempfile.TemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
            os.dup2(file.fileno(), number)
            stream = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            patch.setattr(sys, name, stream)
            yield file
    finally:
        os.dup2(kept, number)
        os.close(kept)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8")
