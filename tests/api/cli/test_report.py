"""`fairlead report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


def test_a_page_is_written_and_replaced_but_nothing_else(
    fairlead: Command, demo: Path, tmp_path: Path
) -> None:
    page, table = tmp_path / "report.html", tmp_path / "leads.csv"
    assert fairlead("report", demo / "plan", "--out", page).returncode == 0
    first = page.read_text(encoding="utf-8")
    assert first == (demo / "report.html").read_text(encoding="utf-8")
    assert fairlead("report", demo / "plan", "--out", page).returncode == 0
    table.write_text("lead_id\n", encoding="utf-8")
    refused = fairlead("report", demo / "plan", "--out", table)
    assert refused.returncode == 2
    assert "is no page of ours" in " ".join(refused.stderr.split())
    assert table.read_text(encoding="utf-8") == "lead_id\n"
