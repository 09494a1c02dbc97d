"""`fairlead robustness`."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from api.cli.robustness import probability_of
from models.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


def test_two_plans_in_words_and_tables(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "plan", tmp_path / "again")
    told = fairlead(
        "robustness",
        *(demo, demo / "plan", tmp_path / "again", "--out", tmp_path / "out"),
        *("--draws", 200, "--absence", "20%", "--arrivals", 10),
    )
    assert told.returncode == 0, told.stderr
    text = " ".join(told.stdout.split())
    assert "200 draws (seed 0), the same for every plan." in text
    assert "wrong together for every rep and class of leads (by product and grade)" in text
    assert "A rep never gets more hours a week than the rep's capacity_hours" in text
    assert "Realized value: again against plan: 0 USD on average" in text
    summary = pd.read_csv(tmp_path / "out" / "summary.csv")
    assert set(summary["plan"]) == {"plan", "again"}
    for name in ("outcomes", "promises", "differences"):
        table = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert len(table) == len(pd.read_csv(tmp_path / "out" / f"{name}.csv")) > 0


def test_json(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    told = fairlead(
        "robustness", demo, demo / "plan", "--out", tmp_path, "--draws", 20, "--json",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert set(found) == {"summary", "promises", "differences"}
    assert found["differences"] == []


def test_a_probability_is_a_share() -> None:
    assert probability_of("5%") == 0.05
    with pytest.raises(UsageError, match="--absence is '5'; a share is written with a percent"):
        probability_of("5")
