"""What plans are called where several are told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.plan_names import short_names
from models.errors import UsageError


def test_names_are_as_short_as_tells_them_apart() -> None:
    assert short_names([Path("/a/x/plan"), Path("/a/y/plan")]) == ["x/plan", "y/plan"]
    assert short_names([Path("/a/x"), Path("/a/y")]) == ["x", "y"]


def test_a_plan_named_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="a plan is named twice; name different ones"):
        short_names([Path("/a/x"), Path("/a/y/../x")])
