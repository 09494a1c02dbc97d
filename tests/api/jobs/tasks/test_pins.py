"""Pins of the service beside those of the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.tasks.pins import with_pins
from api.jobs.tasks.task import Pin
from models.errors import InputError
from models.files.snapshot_files import read_snapshot
from planner.policy import policy_from_text
from tests.api.company import POLICY, TABLES, write_company

if TYPE_CHECKING:
    from pathlib import Path

    from models.snapshot import Snapshot

PINS = "lead_id,rep_id,kind\nL02,R4,fixed\n"
RULES = policy_from_text(POLICY)


@pytest.fixture(params=[False, True])
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Snapshot:
    """Return tables, without a table of pins or with one."""
    tables = {**TABLES, "pins.csv": PINS} if request.param else TABLES
    return read_snapshot(write_company(tmp_path / "company", tables), keep=RULES.columns())


def pins(*told: dict[str, Any]) -> list[Pin]:
    """Return pins."""
    return [Pin(id=f"{number:032}", **each) for number, each in enumerate(told)]


def test_they_stand_beside_those_of_the_tables(company: Snapshot) -> None:
    more = pins(
        {"lead_id": "L01", "kind": "forbidden", "rep_id": "R1"},
        {"lead_id": "L03", "kind": "fixed", "team": "east"},
        {"lead_id": "L05", "kind": "fixed", "region": "US/East/2"},
        {
            "lead_id": "L06",
            "kind": "fixed",
            "rep_id": "R3",
            "expires": datetime(2026, 12, 1, tzinfo=UTC),
        },
        {
            "lead_id": "L07",
            "kind": "fixed",
            "rep_id": "R1",
            "expires": datetime(2026, 11, 1, tzinfo=UTC),
        },
    )
    joined, left_out = with_pins(company, RULES, more)
    assert left_out == ()
    told = joined.pins.set_index("lead_id")
    # The last one had expired when the tables were true.
    assert set(told.index) == {"L01", "L03", "L05", "L06"} | set(company.pins["lead_id"])
    assert told.loc["L03", "team"] == "east"
    assert told.loc["L05", "region"] == "US/East/2"
    assert str(told.loc["L06", "expires"]) == "2026-12-01 00:00:00+00:00"
    assert joined.leads.equals(company.leads)


def test_what_names_nothing_is_left_out(company: Snapshot) -> None:
    more = pins(
        {"lead_id": "L99", "kind": "fixed", "rep_id": "R1"},
        {"lead_id": "L01", "kind": "fixed", "rep_id": "R9"},
        {"lead_id": "L01", "kind": "fixed", "team": "north"},
        {"lead_id": "L01", "kind": "fixed", "region": "DE"},
    )
    joined, left_out = with_pins(company, RULES, more)
    assert left_out == tuple(pin.id for pin in more)
    assert joined is company


def test_contradictions_are_told(company: Snapshot) -> None:
    more = pins(
        {"lead_id": "L01", "kind": "fixed", "rep_id": "R1"},
        {"lead_id": "L01", "kind": "fixed", "rep_id": "R2"},
    )
    with pytest.raises(InputError, match="L01 fixed to R1, R2"):
        with_pins(company, RULES, more)
