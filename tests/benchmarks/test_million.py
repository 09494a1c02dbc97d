"""A large plan goes through the service, whose server stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scenarios.generate import CompanySpec
from tests.benchmarks.footprint import SERVER
from tests.benchmarks.million import measure

if TYPE_CHECKING:
    from pathlib import Path

MOST_MB = 1000


@pytest.mark.hard
@pytest.mark.parametrize(("leads", "reps", "seconds"), [(20_000, 100, 10.0)])
def test_the_server_stays_small(tmp_path: Path, leads: int, reps: int, seconds: float) -> None:
    shown: list[dict[str, Any]] = []
    measure(tmp_path, CompanySpec(num_leads=leads, num_reps=reps, seed=7), seconds, shown.append)
    steps = [told for told in shown if "memory_mb" in told]
    assert steps[-1]["step"] == "explanation, again"
    assert max(told["memory_mb"].get(SERVER, 0) for told in steps) < MOST_MB
    assert {status for told in steps for status in told["small"]["statuses"]} == {200}
