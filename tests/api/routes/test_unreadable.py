"""Requests that cannot be read, and addresses that are almost right: what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.api.conftest import ClientOf

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
JSON = {"Content-Type": "application/json"}


def test_broken_json_is_told_with_its_place(client: TestClient) -> None:
    for body, place in (
        (b'{"name": "a",\n "role": viewer}', "line 2, column 10"),
        (b"{", "line 1, column 2"),
        (b'{"name":\n\n\n', "line 4, column 1"),
    ):
        told = client.post("/v1/keys", content=body, headers=JSON)
        assert (told.status_code, told.json()["code"]) == (422, "invalid")
        (fault,) = told.json()["faults"]
        assert fault.startswith(f"body, {place}: it is no JSON: "), fault


def test_what_is_no_text_is_told(client: TestClient) -> None:
    for body, words in (
        (b'{"name": "\xff"}', "no UTF-8"),
        (b"[" * 50_000, "nested too deeply"),
        (b'{"name": ' + b"9" * 5_000 + b"}", "thousands of digits"),
    ):
        told = client.post("/v1/keys", content=body, headers=JSON)
        assert (told.status_code, told.json()["code"]) == (400, "bad_request")
        assert words in told.json()["detail"]


def test_a_key_that_stands_twice_is_told_with_its_place(client: TestClient) -> None:
    for body, key, place in (
        ('{"name": "a", "name": "b"}', "name", "body"),
        ('{"changes": [1, {"a": {"x": 1, "x": 1, "y": 2}}]}', "x", "body.changes.1.a"),
        # What is in the first of the two cannot be found any more.
        ('{"a": {"x": 1, "x": 2}, "a": 3}', "a", "body"),
        ('[{"\\ud800": 1, "\\ud800": 2}]', "\\ud800", "body.0"),
    ):
        told = client.post("/v1/keys", content=body.encode(), headers=JSON)
        assert (told.status_code, told.json()["code"]) == (422, "invalid")
        assert f"the key '{key}' more than once, in '{place}'" in told.json()["detail"]


def test_half_a_character_is_told_wherever_it_stands(client: TestClient) -> None:
    for body in (
        rb'{"name": "a\ud83d"}',
        b'{"name": "a\xed\xa0\xbd"}',
        rb'{"changes": [{"a": {"\udd25": 1}}]}',
        '{"name": "a\ud83d"}'.encode("utf-16-le", "surrogatepass"),
    ):
        for path in ("/v1/keys", "/v1/scenarios"):
            told = client.post(path, content=body, headers=JSON)
            assert (told.status_code, told.json()["code"]) == (422, "invalid")
            assert "half a character, after '{" in told.json()["detail"]


def test_numbers_that_are_none_are_told(client: TestClient) -> None:
    for number in ("NaN", "-Infinity", "1e400"):
        body = f'{{"name": {number}}}'
        told = client.post("/v1/keys", content=body.encode(), headers=JSON)
        assert (told.status_code, told.json()["code"]) == (422, "invalid")
        assert "send numbers that there are" in told.json()["detail"]


def test_a_field_that_there_is_not_is_told_with_the_nearest(client: TestClient) -> None:
    for path, body, fault in (
        (
            "/v1/runs",
            {"snapshot": "0" * 32, "policy": "0" * 32, "limits": {"second": 2}},
            "body.limits.second: There is no such field. The nearest is 'seconds'. "
            "Allowed are gap, iterations, seconds, seed, threads.",
        ),
        (
            "/v1/pool/L1/claim",
            {"rep": "R1"},
            "body.rep: There is no such field. The nearest is 'rep_id'. Allowed are rep_id.",
        ),
        (
            "/v1/diagnoses",
            {"snapshot": "0" * 32, "policy": "weekly"},
            "body.policy: must be an id that this service gave, of 32 digits and letters from a to "
            "f; got 'weekly'",
        ),
        (
            "/v1/keys",
            {"name": "x", "role": "boss"},
            "body.role: Input should be 'viewer', 'rep', 'analyst', 'planner', 'approver' or "
            "'admin'; got 'boss'",
        ),
    ):
        told = client.post(path, json=body)
        assert (told.status_code, told.json()["faults"]) == (422, [fault])
    shown = client.post("/v1/sign-in", json={"key": "x" * 300})
    assert "xxx" not in shown.text


def test_an_address_has_one_form(client: TestClient) -> None:
    for path in ("/v1/keys/", "/v1/pins/", "/health/", "/v1/publications/current/"):
        told = client.get(path, follow_redirects=False)
        assert (told.status_code, told.json()["code"]) == (404, "not_found"), path


def test_no_such_address_and_method_are_told(client: TestClient) -> None:
    assert "/openapi.json tells all" in client.get("/v1/nothing").json()["detail"]
    for path, methods in (
        ("/v1/pins", "GET, POST"),
        (f"/v1/publications/{'0' * 32}", "GET, PATCH"),
        ("/health", "GET"),
        ("/openapi.json", "GET, HEAD"),
    ):
        told = client.put(path)
        assert (told.status_code, told.headers["allow"]) == (405, methods)
        assert told.json()["detail"] == f"this address does not take PUT; it takes {methods}"


def test_the_first_place_tells_the_others(client_of: ClientOf) -> None:
    stranger = client_of(None)
    told = stranger.get("/")
    assert told.status_code == 200
    for place in ("description", "health"):
        assert stranger.get(told.json()[place]).status_code == 200
    assert stranger.get(told.json()["session"]).status_code == 401
    assert stranger.post(told.json()["sign_in"], json={}).status_code == 422
