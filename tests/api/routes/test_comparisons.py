"""/v1/comparisons: what `fairlead compare --json` tells, within what the caller may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.services.access.roles import Role
from models.files.plan_files import read_plan
from scenarios.compare import group_table, kpi_table, moves_between
from tests.api.company import POLICY, add_company, add_plan_of, add_rules

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

    from api.services.service import Service
    from tests.api.conftest import ClientOf

URL = "/v1/comparisons"
KEEPING = POLICY.replace("unassigned:", "continuity:\n  switching_cost: {share: 90%}\nunassigned:")


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; plans are read alike from both kinds."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def plan_ids(service: Service) -> list[str]:
    """Return two plans of the same tables, of which the second moves less."""
    tables = add_company(service)
    return [add_plan_of(service, tables, add_rules(service, text)) for text in (POLICY, KEEPING)]


def test_it_tells_what_the_command_tells(
    service: Service, client: TestClient, plan_ids: list[str]
) -> None:
    told = client.post(URL, json={"plans": plan_ids})
    assert told.status_code == 200, told.text
    answer = told.json()
    plans = {name: read_plan(service.copies.directory(name)) for name in plan_ids}
    first, second = plan_ids
    table = kpi_table(plans).set_index("metric")
    for metric in answer["metrics"]:
        row = table.loc[metric["name"]]
        assert metric["values"] == pytest.approx([row[first], row[second]])
        assert metric["deltas"][0] is None
        assert metric["deltas"][1] == pytest.approx(row[f"{second} delta"])
        assert metric["marks"] == ["", row[f"{second} mark"]]
        assert metric["description"]
    assert answer["shared"]["leads"] == 18
    assert "policies" in " ".join(answer["remarks"][0]["remarks"])
    (between,) = answer["between"]
    moves = moves_between(plans[first], plans[second])
    assert between["leads"] == len(moves) > 0
    assert {move["lead_id"] for move in between["moves"]} == set(moves["lead_id"])
    assert sum(pair["leads"] for pair in between["handovers"]) == len(moves)
    assert answer["groups"] is None
    for by in ("rep", "team", "region", "grade"):
        told = client.post(URL, json={"plans": plan_ids, "by": by})
        assert len(told.json()["groups"]) == len(group_table(plans, by))


def test_lists_are_cut(client: TestClient, plan_ids: list[str]) -> None:
    told = client.post(URL, json={"plans": plan_ids, "moves": 1}).json()["between"][0]
    assert (len(told["moves"]), len(told["handovers"])) == (1, 1)
    assert told["leads"] > 1


def test_who_is_limited_sees_the_own_part(
    client: TestClient, client_of: ClientOf, plan_ids: list[str]
) -> None:
    west = client_of(Role.ANALYST, teams=["west"], regions=["US/West"])
    for by, limits, names in (
        ("rep", {"teams": ["west"], "regions": ["US/West"]}, {"R3", "R4"}),
        ("team", {"teams": ["west"]}, {"west"}),
        ("region", {"regions": ["US/West"]}, {"US/West"}),
        ("grade", {"teams": ["west"]}, set()),
    ):
        limited = client_of(Role.ANALYST, **limits)
        told = limited.post(URL, json={"plans": plan_ids, "by": by}).json()
        assert {row["group"] for row in told["groups"]} == names
        figures = [*told["metrics"], *told["shared"]["metrics"]]
        assert {one["name"] for one in figures if any(one["values"])} <= {"gap", "breaches"}
        assert not any(any(one["deltas"]) for one in figures if one["name"] == "expected_value")
        assert (told["shared"]["leads"], told["remarks"][0]["remarks"]) == (None, [])
    every = client.post(URL, json={"plans": plan_ids}).json()["between"][0]
    own = west.post(URL, json={"plans": plan_ids}).json()["between"][0]
    even = {row["lead_id"] for row in every["moves"] if int(row["lead_id"][1:]) % 2 == 0}
    assert {row["lead_id"] for row in own["moves"]} <= even
    assert own["leads"] == len(own["moves"])


def test_money_of_other_teams_is_not_told(client_of: ClientOf, plan_ids: list[str]) -> None:
    mine = {"R1", "R2", None}
    east = client_of(Role.ANALYST, teams=["east"]).post(URL, json={"plans": plan_ids})
    (between,) = east.json()["between"]
    rows = [*between["moves"], *between["handovers"]]
    seen = set()
    for row in rows:
        told = {when: row[f"rep_id_{when}"] in mine for when in ("before", "after")}
        for when, is_mine in told.items():
            assert (row[f"expected_value_{when}"] is not None) == is_mine, row
        assert (row["difference"] is not None) == all(told.values()), row
        seen.add(all(told.values()))
    assert seen == {True, False}


def test_what_cannot_be_compared(client: TestClient, plan_ids: list[str]) -> None:
    first, second = plan_ids
    for plans in ([first], [first] * 2, [], [first, "nonsense"], plan_ids * 6):
        assert client.post(URL, json={"plans": plans}).status_code == 422
    assert client.post(URL, json={"plans": [first, "0" * 32]}).status_code == 404
    for more in ({"by": "owner"}, {"moves": -1}, {"role": "admin"}):
        assert client.post(URL, json={"plans": plan_ids, **more}).status_code == 422
    assert client.post(URL, json={"plans": [second, first]}).status_code == 200


def test_who_may(client_of: ClientOf, plan_ids: list[str]) -> None:
    told = {role: client_of(role).post(URL, json={"plans": plan_ids}).status_code for role in Role}
    allowed = {role for role, status in told.items() if status == 200}
    assert allowed == {Role.ANALYST, Role.PLANNER, Role.ADMIN}
