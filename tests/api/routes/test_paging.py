"""A cursor that nobody was given names no place of a list, whatever is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.services.paging import encode_cursor
from tests.api.office import problem

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

MOMENT = "2026-11-20T18:00:00+00:00"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/policies", (MOMENT, "\0")),
        ("/v1/policies", (MOMENT, "\ud800")),
        ("/v1/policies", (MOMENT, 1)),
        ("/v1/policies", ("yesterday", "x")),
        ("/v1/audit", (2**31,)),
        ("/v1/audit", (-(10**40),)),
        ("/v1/audit", (True,)),
    ],
)
def test_what_no_database_could_look_for_is_refused(
    client: TestClient, path: str, place: tuple[Any, ...]
) -> None:
    told = client.get(path, params={"cursor": encode_cursor(*place)})
    assert problem(told) == (422, "invalid")
