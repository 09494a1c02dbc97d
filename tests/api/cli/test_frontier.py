"""`fairlead frontier`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models.files.plan_files import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

POLICY = """\
version: 1
name: test
currency: USD
value:
  amount: {column: amount}
  win_probability: {column: win_probability}
  prefer:
    - match: {lead: industry, rep: industries, bonus: 50%}
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return a company of four owned leads, which another rep would do better with."""
    acme = tmp_path / "acme"
    acme.mkdir()
    header = "schema: 1\nas_of: 2026-11-20T18:00:00Z\ntimezone: America/New_York\ncurrency: USD\n"
    leads = "".join(f"L{at},{100 * at},0.5,bank,R1\n" for at in range(1, 5))
    (acme / "snapshot.yaml").write_text(header)
    (acme / "leads.csv").write_text(f"lead_id,amount,win_probability,industry,owner\n{leads}")
    (acme / "reps.csv").write_text("rep_id,regions,industries\nR1,*,tech\nR2,*,bank\n")
    (acme / "policy.yaml").write_text(POLICY)
    return acme


def test_a_table_its_words_and_its_plans(fairlead: Command, acme: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("frontier", acme, "--axis", "moves", "--out", out, "--points", 3, "--workers", 1)
    told = fairlead(*command)
    assert told.returncode == 0, told.stderr
    assert "1: base: solved" in told.stderr
    words = " ".join(told.stdout.split())
    assert "moves at most 1" in words
    assert "Up to 1 move, each move brings 100 USD; beyond, only 50 USD." in words
    assert "frontier.csv and frontier.svg in" in words
    assert read_plan(out / "moves-at-most-1").record.kpis.moves == 1
    again = json.loads(fairlead(*command, "--json", "--from", out / "base").stdout)
    assert [row["epsilon"] for row in again["points"]] == [0, 1, 4]
    assert [row["is_knee"] for row in again["points"]] == [False, True, False]
    assert again["currency"] == "USD"
    assert again["told"][0].startswith("Up to 1 move")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--axis", "fairness"), "the policy has no rule of fairness in force"),
        (
            ("--axis", "fairness", "--measure", "count", "--share-by", "quota"),
            "table reps has no column 'quota'",
        ),
        (("--axis", "moves", "--measure", "count"), "are of --axis fairness; leave them out"),
    ],
)
def test_a_wrong_call_ends_in_a_sentence(
    fairlead: Command, acme: Path, tmp_path: Path, options: tuple[object, ...], told: str
) -> None:
    done = fairlead("frontier", acme, *options, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
