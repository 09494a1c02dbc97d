"""A company of three reps and four leads, whose plans anybody can work out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios.what_if.scenario_file import scenario_from_text
from tests.companies import hand_made
from tests.policies import policy, yaml_text

if TYPE_CHECKING:
    from scenarios.what_if.scenario import Scenario

SNAPSHOT = hand_made(
    {"amount": [100, 80, 60, 40], "industry": ["tech", "tech", "bank", "bank"]},
    {"industries": ["tech", "bank", "*"], "max_leads": [1, 1, 1], "team": ["a", "a", "b"]},
)
POLICY = policy(
    must=[{"match": {"lead": "industry", "rep": "industries"}}],
    capacity=[{"measure": "count", "at_most": "max_leads"}],
    fairness=[{"measure": "count", "within": "50%", "mode": "soft", "cost": 1.0}],
)


def scenario(name: str, *changes: dict[str, Any]) -> Scenario:
    """Return a scenario as its file says it."""
    return scenario_from_text(yaml_text({"name": name, "changes": list(changes)}))
