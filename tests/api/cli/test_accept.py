"""`fairlead accept`: verdicts, exit codes, and faults of the rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api.cli.conftest import Command

RULES = """\
- {metric: feasible, is: true}
- {metric: expected_value, at_least: 98%, of: base}
"""


def test_verdicts(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    rules = tmp_path / "accept.yaml"
    rules.write_text(RULES, encoding="utf-8")
    command = ("accept", demo / "plan", "--rules", rules, "--base", demo / "plan")
    told = fairlead(*command)
    assert told.returncode == 0, told.stderr
    assert "pass  The plan is feasible. Here it is." in told.stdout
    assert "Accepted: all 2 rules pass." in told.stdout
    rules.write_text(f"{RULES}- {{metric: unassigned, at_least: 1000}}\n", encoding="utf-8")
    told = fairlead(*command)
    assert told.returncode == 1
    assert "fail  Leads without a rep: at least 1,000 leads." in told.stdout
    assert "Not accepted: 1 of 3 rules fail." in told.stdout
    told = fairlead(*command, "--json")
    answer = json.loads(told.stdout)
    assert (told.returncode, answer["accepted"]) == (1, False)
    assert [verdict["passed"] for verdict in answer["verdicts"]] == [True, True, False]
    assert answer["verdicts"][2]["allowed"] == 1000


def test_a_wrong_call_ends_in_a_sentence(fairlead: Command, demo: Path, tmp_path: Path) -> None:
    rules = tmp_path / "accept.yaml"
    rules.write_text(RULES, encoding="utf-8")
    told = fairlead("accept", demo / "plan", "--rules", rules)
    assert told.returncode == 2
    assert "no base plan is given to compare with" in " ".join(told.stderr.split())
    rules.write_text("- {metric: move, at_most: 4}\n- {metric: gap, at_most: 4}\n", "utf-8")
    told = fairlead("accept", demo / "plan", "--rules", rules)
    assert told.returncode == 2
    words = " ".join(told.stderr.split())
    assert "line 1: unknown metric 'move'; the nearest is 'moves'" in words
    assert "line 2: at_most: got 4; must be a share" in words
