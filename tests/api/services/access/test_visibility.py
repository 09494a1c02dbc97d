"""Who is limited sees what: the whole rule, written by hand."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from api.services.access.principal import Principal
from api.services.access.roles import Role
from api.services.access.visibility import is_told, is_visible, reps_within

LEADS = pa.table(
    {
        "lead_id": ["east-east", "east-west", "west-west", "pool-east", "pool-west"],
        "rep_id": ["R1", "R1", "R3", None, None],
        "team": ["east", "east", "west", None, None],
        "region": ["US/East", "US/West/CA", "US/West", "US/East/NY", "US/West"],
    },
    pa.schema([(name, pa.string()) for name in ("lead_id", "rep_id", "team", "region")]),
)
"""Named after the team that has them and where they lie."""
REPS = pa.table({"rep_id": ["R1", "R2", "R3"], "team": ["east", "east", "west"]})
ALL = "east-east east-west west-west pool-east pool-west"

# role, limits; then the leads whose rows are seen, those whose contacts are told, and the reps
# whose loads and money are told
TABLE: list[tuple[Role, dict[str, Any], str, str, str]] = [
    (Role.PLANNER, {}, ALL, ALL, "R1 R2 R3"),
    (
        Role.PLANNER,
        {"teams": ["east"]},
        "east-east east-west pool-east pool-west",
        "east-east east-west",
        "R1 R2",
    ),
    (Role.PLANNER, {"teams": ["west"]}, "west-west pool-east pool-west", "west-west", "R3"),
    (Role.PLANNER, {"teams": []}, "pool-east pool-west", "", ""),
    (Role.PLANNER, {"regions": ["US/East"]}, "east-east pool-east", "east-east pool-east", "R1"),
    (
        Role.PLANNER,
        {"regions": ["US/West"]},
        "east-west west-west pool-west",
        "east-west west-west pool-west",
        "R1 R3",
    ),
    (Role.PLANNER, {"regions": ["US/West/CA"]}, "east-west", "east-west", "R1"),
    (Role.PLANNER, {"regions": ["US/We"]}, "", "", ""),
    (
        Role.PLANNER,
        {"teams": ["east"], "regions": ["US/West"]},
        "east-west pool-west",
        "east-west",
        "R1",
    ),
    (Role.PLANNER, {"teams": ["west"], "regions": ["US/East"]}, "pool-east", "", ""),
    (
        Role.REP,
        {"rep_id": "R1"},
        "east-east east-west pool-east pool-west",
        "east-east east-west",
        "R1",
    ),
    (Role.REP, {"rep_id": "R1", "regions": ["US/East"]}, "east-east pool-east", "east-east", "R1"),
    (Role.REP, {}, "pool-east pool-west", "", ""),
]


@pytest.mark.parametrize(("role", "limits", "rows", "contacts", "reps"), TABLE)
def test_what_is_seen(
    role: Role, limits: dict[str, Any], rows: str, contacts: str, reps: str
) -> None:
    who = Principal.of("key:1", "somebody", role, limits)
    assert LEADS.filter(is_visible(who, LEADS))["lead_id"].to_pylist() == rows.split()
    assert LEADS.filter(is_told(who, LEADS))["lead_id"].to_pylist() == contacts.split()
    assert sorted(reps_within(who, REPS, LEADS)) == reps.split()
