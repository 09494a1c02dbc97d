"""What may be uncertain, and how much."""

from __future__ import annotations

import math

import pytest

from models.errors import UsageError
from scenarios.robustness.uncertainty import Uncertainty


def test_every_fault_is_listed() -> None:
    with pytest.raises(UsageError) as caught:
        Uncertainty(strength=0.5, arrivals=-1, absence=1.5, days_absent=0)
    assert str(caught.value) == (
        "strength is 0.5 outcomes; it must be at least 1, or infinite; "
        "arrivals is -1 leads a week; give 0 to 100,000; "
        "absence is 1.5; a probability lies between 0 and 1 (0 % and 100 %); "
        "days_absent is 0 working days; it must be at least 1"
    )


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        Uncertainty(strength=math.nan, arrivals=math.nan, absence=math.nan)
    for name in ("strength", "arrivals", "absence"):
        assert f"{name} is nan" in str(caught.value)
