"""The committed description of the API is the one that is served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.routes.access import NEEDS, OPEN
from api.routes.openapi import openapi_text

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.api.conftest import ClientOf

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database, which no description depends on."""
    return f"sqlite:///{tmp_path}/fairlead.db"


def test_it_is_committed() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == openapi_text(), (
        "write it again: python -m api.routes.openapi docs/openapi.json"
    )


def test_it_is_served_to_everybody(client_of: ClientOf) -> None:
    told: TestClient = client_of(None)
    served = told.get("/openapi.json").json()
    assert served == json.loads(COMMITTED.read_text(encoding="utf-8"))
    names = {
        f"{method.upper()} {path}"
        for path, methods in served["paths"].items()
        for method in methods
    }
    assert names == NEEDS.keys() | OPEN


def test_every_figure_and_money_is_labelled() -> None:
    schemas = json.loads(openapi_text())["components"]["schemas"]
    for name in ("AssignmentGiven", "MoveGiven"):
        money = schemas[name]["properties"]["expected_value"]
        assert (money["unit"], bool(money["title"])) == ("money", True)
    assert set(schemas["MetricGiven"]["required"]) >= {"title", "description", "unit", "value"}
