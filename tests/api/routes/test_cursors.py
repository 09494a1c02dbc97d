"""A cursor that nobody was given is refused, whatever it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.routes.access import NEEDS
from api.services.paging import encode_cursor

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

MOMENT = "2026-01-01T00:00:00+00:00"
ODD = {
    "half a character": (MOMENT, "\ud800"),
    "a NUL": (MOMENT, "\0"),
    "no zone": ("2026-01-01T00:00:00", "x"),
    "half a character alone": ("\ud800",),
    "too large": (2**31,),
    "much too large": (10**400,),
    "negative": (-1,),
    "another kind": (True,),
    "nothing": (),
}


def test_a_place_that_cannot_be_is_refused(client: TestClient) -> None:
    paths = [name.removeprefix("GET ") for name in NEEDS if name.startswith("GET /v1")]
    paths = [path for path in paths if "{" not in path]
    for what, values in ODD.items():
        cursor = {"cursor": encode_cursor(*values)}
        for path in paths:
            told = client.get(path, params=cursor)
            assert told.status_code < 500, (what, path, told.text)
        told = client.get("/v1/policies", params=cursor)
        assert (told.status_code, told.json()["code"]) == (422, "invalid"), what
