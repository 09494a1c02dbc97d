"""Directories of solves: private, removed, and removed for those who could not."""

from __future__ import annotations

import fcntl
from typing import TYPE_CHECKING

import psutil
import pytest

from planner.engines.workspace import PREFIX, workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_directory_is_private_and_removed(temporary: Path) -> None:
    with workspace() as directory:
        assert directory.parent == temporary
        assert directory.stat().st_mode & 0o777 == 0o700
        (directory / "file").touch()
    assert not list(temporary.iterdir())


def test_directory_is_removed_after_an_error(temporary: Path) -> None:
    with pytest.raises(KeyboardInterrupt), workspace():
        raise KeyboardInterrupt
    assert not list(temporary.iterdir())


def test_directories_in_use_are_left_alone(temporary: Path) -> None:
    with workspace() as first, workspace() as second:
        assert sorted(temporary.iterdir()) == sorted([first, second])


def test_abandoned_directory_is_removed(temporary: Path) -> None:
    abandoned = temporary / f"{PREFIX}killed"
    abandoned.mkdir()
    (abandoned / "score.npy").touch()
    with workspace() as directory:
        assert list(temporary.iterdir()) == [directory]


def test_link_to_a_directory_elsewhere_is_not_followed(temporary: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (temporary / f"{PREFIX}trap").symlink_to(precious)
    with workspace():
        assert (precious / "file").exists()


def test_file_system_without_locks(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", refuse)
    descriptors = psutil.Process().num_fds()
    with workspace() as first, workspace():
        assert first.exists()
    assert not list(temporary.iterdir())
    assert psutil.Process().num_fds() == descriptors
