"""`fairlead replay`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from api.cli.replay import length_of
from models.columns import TABLES
from models.errors import UsageError
from tests.policies import policy_data, yaml_text
from tests.scenarios.replay.dated import DAYS, FIRST, ZONE, frames

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with a dated company and a policy that learns from it."""
    directory = tmp_path_factory.mktemp("dated")
    for name, frame in frames().items():
        assert name in TABLES
        frame.to_csv(directory / f"{name}.csv", index=False)
    end = (FIRST + pd.Timedelta(days=DAYS)).isoformat()
    header = {"schema": 1, "as_of": end, "timezone": ZONE, "currency": "USD"}
    (directory / "snapshot.yaml").write_text(yaml_text(header), encoding="utf-8")
    rules = policy_data(
        amount={"column": "amount", "missing": "error"},
        win_probability={"history": {"by": ["product"], "prior_strength": 5}},
        capacity=[{"measure": "count", "at_most": "max_leads"}],
    )
    (directory / "policy.yaml").write_text(yaml_text(rules), encoding="utf-8")
    return directory


def test_two_weeks_in_words_and_tables(fairlead: Command, company: Path, tmp_path: Path) -> None:
    options = ("--from", "2026-02-09", "--to", "2026-02-16", "--against", "greedy")
    told = fairlead("replay", company, "--out", tmp_path, *options)
    assert told.returncode == 0, told.stderr
    assert "2026-02-16" in told.stderr
    text = " ".join(told.stdout.split())
    assert "Judged by test itself, its win probabilities learned from all of history" in text
    assert "2 weeks," in text
    weeks = pd.read_parquet(tmp_path / "weeks.parquet")
    assert weeks["contender"].tolist() == ["recorded", "plan", "greedy"] * 2
    again = fairlead("replay", company, "--out", tmp_path, *options, "--json")
    assert again.returncode == 0, again.stderr
    found = json.loads(again.stdout)
    assert [row["contender"] for row in found["summary"]] == ["recorded", "plan", "greedy"]
    assert found["weeks"][0]["leads"] == weeks["leads"][0]


def test_bad_input_ends_in_a_sentence(fairlead: Command, company: Path, tmp_path: Path) -> None:
    told = fairlead("replay", company, "--out", tmp_path, "--from", "last week")
    assert told.returncode == 2
    assert "--from is 'last week'; it must be a date, as 2026-03-02" in told.stderr


def test_times_between_plans() -> None:
    assert length_of("2w") == length_of("14 d") == length_of("2 weeks") == timedelta(days=14)
    with pytest.raises(UsageError, match="--every is '1 month'; a length of time is a number of"):
        length_of("1 month")
