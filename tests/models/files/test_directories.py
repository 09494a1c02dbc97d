"""Tests of replacing a directory as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.files.directories import replaced_directory


def contents(directory: Path) -> dict[str, str]:
    """Return the text of every file by its path in a directory."""
    files = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_text() for path in files}


def fill(directory: Path, **files: str) -> None:
    """Replace a directory by one with these files; those named keep... stay."""
    with replaced_directory(directory, keeps=lambda name: name.startswith("keep")) as new:
        for name, text in files.items():
            (new / name).write_text(text)


def test_a_new_directory_appears_with_its_parents(tmp_path: Path) -> None:
    fill(tmp_path / "a" / "b", x="1")
    assert contents(tmp_path) == {"a/b/x": "1"}


def test_an_old_one_is_replaced_but_for_what_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "t"
    fill(target, x="1", y="1", keep="1")
    (target / "keep.d").mkdir()
    (target / "keep.d" / "z").write_text("1")
    (target / "keep.link").symlink_to("nowhere")
    fill(target, x="2")
    assert contents(tmp_path) == {"t/x": "2", "t/keep": "1", "t/keep.d/z": "1"}
    assert (target / "keep.link").readlink() == Path("nowhere")


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "t"
    fill(target, x="1", keep="1")
    with pytest.raises(UnicodeEncodeError):
        fill(target, x="2", y="\ud800")
    assert contents(tmp_path) == {"t/x": "1", "t/keep": "1"}


def test_a_failed_swap_puts_the_old_one_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "t"
    fill(target, x="1")
    rename = Path.rename

    def fails_for_the_new_one(path: Path, to: Path) -> Path:
        if path.suffix == ".new":
            raise PermissionError("not allowed")
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", fails_for_the_new_one)
    with pytest.raises(PermissionError, match="not allowed"):
        fill(target, x="2")
    assert contents(tmp_path) == {"t/x": "1"}


def test_a_link_to_a_directory_stays_a_link(tmp_path: Path) -> None:
    fill(tmp_path / "real", x="1")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fill(tmp_path / "link", x="2")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "x").read_text() == "2"
