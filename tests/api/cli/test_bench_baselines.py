"""`fairlead bench baselines` writes a page of every policy on every company."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.engines.baselines.routers import ROUTERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

OPTIONS = ("--size", "small", "--companies", 1, "--time-limit", 1)


def test_it_writes_a_page(fairlead: Command, tmp_path: Path) -> None:
    told = fairlead("bench", "baselines", *OPTIONS, "--out", tmp_path / "deep" / "page.md")
    assert told.returncode == 0, told.stderr
    assert told.stdout == ""
    page = (tmp_path / "deep" / "page.md").read_text("utf-8")
    assert (
        "fairlead bench baselines --size small --companies 1 --seed 1 --time-limit 1 --threads 2"
        in page
    )
    for name in ROUTERS:
        assert f"\n| {name} " in page
    assert f"of {len(ROUTERS)} cases" in page


def test_files_that_are_not_there_are_told(fairlead: Command, tmp_path: Path) -> None:
    told = fairlead(
        "bench", "baselines", *OPTIONS, "--maven-crm", tmp_path, "--out", tmp_path / "page.md"
    )
    assert told.returncode == 2
    assert "does not hold the four files of maven-crm" in told.stderr
    assert not (tmp_path / "page.md").exists()
