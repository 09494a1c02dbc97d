"""Fixtures for tests that start engines in processes of their own."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.planner.engines import faulty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which this test's temporary directories are made."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    monkeypatch.setenv("TMPDIR", str(path))
    return path


@pytest.fixture
def pids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which each process of a faulty engine writes its id."""
    path = tmp_path / "pids"
    path.touch()
    monkeypatch.setenv(faulty.PIDS, str(path))
    return path


@pytest.fixture
def nothing_left(temporary: Path, pids: Path) -> Iterator[None]:
    """Fail a test that leaves a process, a file or a file descriptor behind."""
    this = psutil.Process()
    descriptors, children = this.num_fds(), set(this.children(recursive=True))
    yield
    assert not list(temporary.iterdir())
    assert set(this.children(recursive=True)) == children
    assert not [pid for pid in map(int, pids.read_text().split()) if psutil.pid_exists(pid)]
    assert this.num_fds() == descriptors
