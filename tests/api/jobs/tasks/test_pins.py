"""Pins of the service beside those of the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from api.jobs.tasks.pins import telling_pins, with_pins
from api.jobs.tasks.task import Pin
from models.errors import NoPlanError, UsageError
from models.files.snapshot_files import read_snapshot
from models.outcome import Limits
from planner.policy import policy_from_text
from planner.solve import make_plan
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
        {"lead_id": "L01", "kind": "fixed", "rep_id": "R2", "by": "key:ann"},
    )
    with pytest.raises(UsageError) as raised:
        with_pins(company, RULES, more)
    text = str(raised.value)
    assert f"pin {more[0].id} fixes lead L01 to rep R1" in text
    assert f"pin {more[1].id} (set by key:ann) fixes lead L01 to rep R2" in text
    assert f"DELETE /v1/pins/{more[1].id}" in text


@pytest.mark.parametrize(
    ("other", "holds"),
    [
        ({"lead_id": "L01", "kind": "forbidden", "rep_id": "R1"}, False),
        ({"lead_id": "L01", "kind": "forbidden", "rep_id": "R2"}, True),
        ({"lead_id": "L01", "kind": "fixed", "team": "west"}, False),
        ({"lead_id": "L01", "kind": "fixed", "team": "east"}, True),
        ({"lead_id": "L01", "kind": "fixed", "region": "US/West"}, False),
        ({"lead_id": "L03", "kind": "fixed", "rep_id": "R2"}, False),
        ({"lead_id": "L05", "kind": "fixed", "rep_id": "R2"}, True),
    ],
)
def test_what_can_hold_together(tmp_path: Path, other: dict[str, Any], holds: bool) -> None:
    lines = TABLES["leads.csv"].splitlines()
    tables = {
        **TABLES,
        "leads.csv": "\n".join(
            f"{line},{('family' if not at else 'f' if at in (1, 3) else '')}"
            for at, line in enumerate(lines)
        ),
    }
    snapshot = read_snapshot(write_company(tmp_path / "company", tables), keep=RULES.columns())
    more = pins({"lead_id": "L01", "kind": "fixed", "rep_id": "R1"}, other)
    if holds:
        assert len(with_pins(snapshot, RULES, more)[0].pins) == 2
    else:
        with pytest.raises(UsageError, match="cannot both hold"):
            with_pins(snapshot, RULES, more)


def test_a_pin_against_a_table_of_pins(tmp_path: Path) -> None:
    tables = {**TABLES, "pins.csv": PINS}
    snapshot = read_snapshot(write_company(tmp_path / "company", tables), keep=RULES.columns())
    with pytest.raises(UsageError, match="a pin of the tables fixes lead L02 to rep R4"):
        with_pins(snapshot, RULES, pins({"lead_id": "L02", "kind": "fixed", "rep_id": "R3"}))


def test_a_pin_that_a_rule_forbids_is_named_where_there_is_no_plan(tmp_path: Path) -> None:
    snapshot = read_snapshot(write_company(tmp_path / "company"), keep=RULES.columns())
    more = pins(
        {"lead_id": "L02", "kind": "fixed", "rep_id": "R1", "by": "key:ann"},
        {"lead_id": "L01", "kind": "fixed", "rep_id": "R1"},
    )
    joined, _ = with_pins(snapshot, RULES, more)
    with pytest.raises(NoPlanError) as raised:
        make_plan(joined, RULES, limits=Limits(seconds=5, threads=1), isolated=False)
    text = str(telling_pins(raised.value, joined, RULES, more))
    assert str(raised.value) in text
    assert f"pin {more[0].id} (set by key:ann) fixes lead L02 to rep R1" in text
    assert "region" in text
    assert f"DELETE /v1/pins/{more[0].id}" in text
    assert more[1].id not in text
