"""`fairlead bench charts` writes every chart, and a page that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

CHARTS = {
    "books-effort_hours", "books-count", "books-expected_value", "values-region",
    "values-team-two-plans", "flows", "prices", "convergence", "frontier", "trend", "distribution",
}  # fmt: skip


def test_charts_of_a_tiny_company(fairlead: Command, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "charts"
    told = fairlead("bench", "charts", "--out", out, "--size", "small", "--time-limit", 1)
    assert told.returncode == 0, told.stderr
    assert f"Wrote {len(CHARTS)} charts" in told.stderr
    assert {path.stem for path in out.glob("*.svg")} == {f"{name}-4" for name in CHARTS}
    assert {path.stem for path in out.glob("*.png")} == {f"{name}-4" for name in CHARTS}
    page = (out / "index.html").read_text("utf-8")
    assert page.count("<figure>") == len(CHARTS)
    assert "<script" not in page
    assert "made-up figures" in page


def test_a_file_is_no_place_for_charts(fairlead: Command, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    for out in (file, file / "below"):
        told = fairlead("bench", "charts", "--out", out)
        assert told.returncode == 2
        assert "cannot be a directory" in told.stderr
    assert file.read_text("utf-8") == "mine"
