"""Parameters of addresses: a misspelt one is told, not taken for none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.routes.access import NEEDS, OPEN

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.api.conftest import ClientOf

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)


def test_a_misspelt_parameter_is_told_with_the_nearest(client: TestClient) -> None:
    told = client.get("/v1/pins?limt=5&lead_id=L1&zzz=1")
    assert (told.status_code, told.json()["code"]) == (422, "invalid")
    assert told.json()["faults"] == [
        "query.limt: There is no such parameter. The nearest is 'limit'. Allowed are "
        "lead_id, holding, limit, cursor.",
        "query.zzz: There is no such parameter. Allowed are lead_id, holding, limit, cursor.",
    ]
    none = client.get(f"/v1/runs/{'0' * 32}?full=1").json()["faults"]
    assert none == ["query.full: There is no such parameter. This route has none."]
    assert client.get("/v1/pins?limit=5&lead_id=L1").status_code == 200
    long = client.get("/v1/pins", params={"x" * 5000: "1"})
    assert (long.status_code, len(long.text) < 1000) == (422, True)


def test_a_parameter_that_comes_twice_is_told(client: TestClient) -> None:
    told = client.get("/v1/pins?limit=5&limit=6&lead_id=L1")
    assert told.status_code == 422
    assert told.json()["faults"] == ["query.limit: It is given 2 times. Give it once."]
    # Of a list each is an item.
    ids = client.get(f"/v1/snapshots/{'0' * 32}/people?table=leads&id=L1&id=L2")
    assert ids.status_code == 404


def test_a_misspelt_field_of_a_form_is_told(client: TestClient) -> None:
    told = client.post(
        "/v1/snapshots",
        files=[("file", ("leads.csv", "lead_id\nL1\n"))],
        data={"change_companies": "true"},
    )
    assert told.status_code == 422
    allowed = "Allowed are files, mapping, as_of, change_company."
    assert told.json()["faults"] == [
        f"body.{name}: There is no such field. The nearest is {near!r}. {allowed}"
        for name, near in (("change_companies", "change_company"), ("file", "files"))
    ]
    files = [("files", ("leads.csv", "lead_id\nL1\n"))]
    twice = client.post("/v1/snapshots", files=files, data={"change_company": ["true", "false"]})
    assert twice.json()["faults"] == ["body.change_company: It is given 2 times. Give it once."]


def test_every_route_refuses_them(client: TestClient, client_of: ClientOf) -> None:
    for name in NEEDS:
        method, template = name.split()
        url = re.sub(r"\{\w+\}", "0" * 32, template) + "?cursr=x"
        told = client.request(method, url)
        assert told.status_code == 422, told.text
        assert "query.cursr" in " ".join(told.json()["faults"]), name
    # Strangers are told nothing of it.
    assert client_of(None).get("/v1/pins?cursr=x").status_code == 401


def test_ways_in_take_what_others_add(client_of: ClientOf) -> None:
    stranger = client_of(None)
    for name in OPEN:
        method, path = name.split()
        told = stranger.request(method, f"{path}?session_state=1&utm_source=mail")
        assert "no such parameter" not in told.text
    assert stranger.get("/health?now=1").status_code == 200
