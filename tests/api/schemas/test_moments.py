"""Moments as the API takes them: written out, with an offset, and told in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from api.schemas.common import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def test_a_moment_is_told_in_utc() -> None:
    for given in ('"2026-11-22T06:00:00+01:00"', '"2026-11-22T05:00Z"', '"2026-11-22 05:00:00Z"'):
        assert MOMENT.validate_json(given) == datetime(2026, 11, 22, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", ["5", "5e-9", '"5"', '"2026-11-22"', '"2026-11-22T05:00:00"', "null"]
)
def test_what_could_be_taken_for_another_moment_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        MOMENT.validate_json(given)
