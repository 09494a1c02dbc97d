"""`fairlead diagnose`: exit codes, what it prints, and the short form with `fairlead plan`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from models.diagnosis import Diagnosis

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
capacity:
  - {measure: count, at_most: max_leads}
"""
CAUSES = """\
No plan exists; this is proved twice, independently. These cannot all hold:
- A rep never gets more leads than the rep's max_leads, work outside the plan included.
    R1's count is at most 2 leads
    R2's count is at most 2 leads
- Every lead must have a rep.
    L1 must have a rep
    L2 must have a rep
    L3 must have a rep
    L4 must have a rep
    L5 must have a rep
To get a plan: raise the limit on R"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """Return a company of five leads and two reps with room for two leads each."""
    header = "schema: 1\nas_of: 2026-11-20T18:00:00Z\ntimezone: America/New_York\ncurrency: USD\n"
    leads = "".join(f"L{number},100,0.5\n" for number in range(1, 6))
    (tmp_path / "snapshot.yaml").write_text(header)
    (tmp_path / "leads.csv").write_text(f"lead_id,amount,win_probability\n{leads}")
    (tmp_path / "reps.csv").write_text("rep_id,regions,max_leads\nR1,*,2\nR2,*,2\n")
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "strict.yaml").write_text(f"{POLICY}unassigned: forbidden\n")
    return tmp_path


def test_a_plan_exists(fairlead: Command, acme: Path) -> None:
    told = fairlead("diagnose", acme)
    assert told.returncode == 0, told.stderr
    assert told.stdout == "A plan exists: every limit and duty can hold.\n"


def test_no_plan_exists(fairlead: Command, acme: Path) -> None:
    told = fairlead("diagnose", acme, "--policy", acme / "strict.yaml")
    assert told.returncode == 1, told.stderr
    assert told.stdout.startswith(CAUSES)
    assert "'s count by 1 lead (from 2 to 3).\nOr else: leave L" in told.stdout
    assert "Traceback" not in told.stderr


def test_json(fairlead: Command, acme: Path) -> None:
    told = fairlead("diagnose", acme, "--policy", acme / "strict.yaml", "--json")
    assert told.returncode == 1
    assert told.stderr == ""
    data = json.loads(told.stdout)
    assert data["schema"] == "fairlead.diagnosis/1"
    assert data.pop("without_rep") == []
    found = Diagnosis.model_validate(data)
    assert (found.status, found.minimal, found.cheapest) == ("infeasible", True, True)
    assert [cause.code for cause in found.causes] == ["limit"] * 2 + ["must_assign"] * 5
    (step,) = found.ways[0].steps
    assert (step.code, step.amount, step.now, step.needed) == ("limit", 1.0, 2.0, 3.0)


def test_plan_tells_it_in_short(fairlead: Command, acme: Path) -> None:
    told = fairlead("plan", acme, "--policy", acme / "strict.yaml", "--out", acme / "plan")
    assert told.returncode == 1
    assert "these contradict each other: R1's count is at most 2 leads; R2's count" in told.stderr
    assert "To get a plan: raise the limit on R" in told.stderr


def test_without_time_only_what_is_proved_is_told(fairlead: Command, acme: Path) -> None:
    told = fairlead("diagnose", acme, "--policy", acme / "strict.yaml", "--time-limit", 0)
    # Five leads may be through before anybody looks at the clock.
    said = {
        1: "No plan exists; this is proved twice, independently.",
        3: "No plan was found, but it is not proven that none exists.",
    }
    assert told.stdout.startswith(said[told.returncode])


def test_bad_input_is_told_in_a_sentence(fairlead: Command, acme: Path) -> None:
    told = fairlead("diagnose", acme, "--policy", acme / "none.yaml")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_leads_that_no_rep_may_work_are_told_by_what_would_help(
    fairlead: Command, acme: Path
) -> None:
    (acme / "reps.csv").write_text("rep_id,regions,level\nR1,*,1\nR2,*,2\n", encoding="utf-8")
    text = POLICY.replace("capacity:\n  - {measure: count, at_most: max_leads}\n", "")
    rules = "must:\n  - level: {by: grade, least: {A: 3}}\n"
    (acme / "policy.yaml").write_text(text.replace("value:", f"{rules}value:"), encoding="utf-8")
    leads = (acme / "leads.csv").read_text(encoding="utf-8").splitlines()
    grades = ["grade", "A", "A", "B", "B", "B"]
    rows = "\n".join(f"{line},{grade}" for line, grade in zip(leads, grades, strict=True))
    (acme / "leads.csv").write_text(rows + "\n", encoding="utf-8")
    told = fairlead("diagnose", acme)
    assert told.returncode == 0, told.stderr
    assert (
        "2 leads of 200 USD (L1, L2): no rep passes all rules; without level, R1 or another could "
        "work it." in told.stdout
    )
    (group,) = json.loads(fairlead("diagnose", acme, "--json").stdout)["without_rep"]
    assert group["lead_ids"] == ["L1", "L2"]
    assert [each["rules"] for each in group["relaxations"]] == [["level"]]
