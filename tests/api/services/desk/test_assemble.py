"""What a publication is made of, against a plain reading of the same rules, lead by lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from api.jobs.tasks.dress import LEADS_FILE
from api.jobs.tasks.task import Pin
from api.services.desk.assemble import Parts, Tables, assemble
from api.services.desk.publication_files import (
    ASSIGNMENT_FILE,
    REFUSED_FILE,
    REPS_FILE,
    Current,
    Moved,
)
from api.services.desk.restore import restore
from models.plan import plan_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

Who = str | None
TEAM_OF = {"R1": "east", "R2": "east", "R3": "west"}
REGION_OF = {f"L{n}": ("US/East/1", "US/West", None)[n % 3] for n in range(8)}
PLANNED_AT = datetime(2026, 11, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
REPS = st.sampled_from([None, *TEAM_OF])
PINS = st.tuples(
    st.sampled_from(sorted(REGION_OF)),
    st.sampled_from(sorted(TEAM_OF)),
    st.sampled_from(["fixed", "forbidden"]),
)
LEADS = st.sets(st.sampled_from(sorted(REGION_OF)), min_size=1)


@dataclass(frozen=True)
class World:
    """All that a publication depends on; who has what, by lead.

    Attributes
    ----------
    moved : lead, new rep, hours after the plan's tables, number of the publication then
    pins : lead, rep and kind of what holds now
    newest_hours : hours after the plan's tables
    """

    planned: dict[str, Who]
    owned: dict[str, Who]
    current: dict[str, Who] | None
    newest: dict[str, Who] | None
    newest_hours: int
    moved: list[tuple[str, Who, int, int]]
    teams: tuple[str, ...]
    regions: tuple[str, ...]
    pins: list[tuple[str, str, str]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a small company with a plan and what came before and after it."""
    leads = sorted(draw(LEADS))
    owning = st.dictionaries(st.sampled_from(sorted(REGION_OF)), REPS, min_size=1)
    current = draw(st.none() | owning)
    transfers = st.tuples(
        st.sampled_from(sorted(current or {"L0": None})),
        REPS,
        st.integers(-5, 20),
        st.integers(1, 2),
    )
    return World(
        planned={lead: draw(REPS) for lead in leads},
        owned={lead: draw(REPS) for lead in leads},
        current=current,
        newest=draw(st.none() | owning),
        newest_hours=draw(st.integers(1, 15)),
        moved=sorted(draw(st.lists(transfers, max_size=4)), key=lambda one: one[2])
        if current
        else [],
        teams=draw(st.sampled_from([(), ("east",), ("west",)])),
        regions=draw(st.sampled_from([(), ("US/East",), ("US",)])),
        pins=draw(st.lists(PINS, max_size=3)),
    )


def held_before(world: World, lead: str) -> Who:
    """Return who has a lead of the current publication."""
    assert world.current is not None
    since = [rep for moved, rep, _, number in world.moved if moved == lead and number == 2]
    return since[-1] if since else world.current[lead]


def owner_now(world: World, lead: str) -> tuple[Who, bool]:
    """Return who owns a lead now, and whether that is news since the plan's tables."""
    known = world.newest_hours if world.newest is not None else 0
    since = [rep for moved, rep, hours, _ in world.moved if moved == lead and hours > known]
    if lead in (world.current or {}):
        # What a roll-back has taken back tells nothing any more.
        since = [rep for rep in since if rep == held_before(world, lead)]
    if since:
        return since[-1], True
    if world.newest is not None and lead in world.newest:
        return world.newest[lead], world.newest[lead] != world.owned[lead]
    return world.owned[lead], False


def expected(world: World) -> tuple[dict[str, Who], set[str]]:
    """Return who gets each lead, and which leads are refused."""
    result: dict[str, Who] = {}
    refused = set()
    for lead, rep in world.planned.items():
        owner, is_news = owner_now(world, lead)
        in_current = world.current is not None and lead in world.current
        held = held_before(world, lead) if in_current else owner
        teams = {TEAM_OF.get(who) for who in (rep, held) if who is not None}
        in_team = not world.teams or bool(teams & set(world.teams))
        region = REGION_OF[lead] or ""
        under = [region == one or region.startswith(one + "/") for one in world.regions]
        if not in_team or (world.regions and not any(under)):
            result[lead] = held
        elif is_news and owner != rep:
            result[lead] = owner
            refused.add(lead)
        elif any(
            (rep == pinned) != (kind == "fixed") for one, pinned, kind in world.pins if one == lead
        ):
            result[lead] = held
            refused.add(lead)
        else:
            result[lead] = rep
    for lead in set(world.current or {}) - set(world.planned):
        if world.teams or world.regions or (world.newest is not None and lead in world.newest):
            result[lead] = held_before(world, lead)
    return result, refused


def table(owning: Mapping[str, Who]) -> pd.DataFrame:
    """Return an assignment as it is kept."""
    leads = sorted(owning)
    reps = pd.Series([owning[lead] for lead in leads], dtype="str")
    return pd.DataFrame(
        {
            "lead_id": pd.Series(leads, dtype="str"),
            "rep_id": reps,
            "owner": reps,
            "region": pd.Series([REGION_OF[lead] for lead in leads], dtype="str"),
            "grade": pd.Series(["A"] * len(leads), dtype="str"),
            "team": reps.map(TEAM_OF).astype("str"),
            "expected_value": 10.0,
            "score": 9.0,
            "since": pd.Series(PLANNED_AT, range(len(leads)), dtype="datetime64[us, UTC]"),
        }
    )


def write(directory: Path, name: str, frame: pd.DataFrame) -> Path:
    """Write a table with the reps beside it."""
    directory.mkdir()
    frame.to_parquet(directory / name, index=False)
    reps = pd.DataFrame({"rep_id": list(TEAM_OF), "team": list(TEAM_OF.values())})
    reps.to_parquet(directory / REPS_FILE, index=False)
    return directory


def owners_of(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of leads of a snapshot."""
    return frame[["lead_id"]].assign(owner=frame["rep_id"])


def parts_of(world: World, root: Path) -> Parts:
    """Write a world's files."""
    plan = table(world.planned).drop(columns="since")
    plan["owner"] = table(world.owned)["rep_id"]
    newest = None
    if world.newest is not None:
        leads = owners_of(table(world.newest))
        as_of = PLANNED_AT + timedelta(hours=world.newest_hours)
        newest = Tables(write(root / "newest", "leads.parquet", leads), as_of)
    current = None
    if world.current is not None:
        current = Current(2, write(root / "current", ASSIGNMENT_FILE, table(world.current)))
    tables = write(root / "tables", "leads.parquet", owners_of(table(world.owned)))
    return Parts(
        plan=write(root / "plan", LEADS_FILE, plan),
        plan_hash=plan_hash(plan),
        tables=Tables(tables, PLANNED_AT),
        newest=newest,
        current=current,
        moved=tuple(
            Moved(lead, rep, PLANNED_AT + timedelta(hours=hours), number)
            for lead, rep, hours, number in world.moved
            if number == 2 or hours > 0
        ),
        teams=world.teams,
        regions=world.regions,
        moment=NOW,
        pins=tuple(
            Pin(id=str(at), lead_id=lead, kind=kind, rep_id=rep)
            for at, (lead, rep, kind) in enumerate(world.pins)
        ),
    )


def by_lead(frame: pd.DataFrame) -> dict[str, Who]:
    """Return the rep by lead; None for nobody."""
    cells = frame["rep_id"].astype(object).where(frame["rep_id"].notna(), None)
    return dict(zip(frame["lead_id"], cells, strict=True))


@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_every_lead_goes_where_it_should(world: World) -> None:
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        parts = parts_of(world, root)
        (root / "out").mkdir()
        made = assemble(parts, root / "out")
        told = pd.read_parquet(root / "out" / ASSIGNMENT_FILE)
        refused = pd.read_parquet(root / "out" / REFUSED_FILE)
    owning, kept = expected(world)
    assert by_lead(told) == owning
    assert by_lead(refused) == {lead: owning[lead] for lead in kept}
    assert list(told["lead_id"]) == sorted(owning)
    assert made.hash == plan_hash(told)
    assert (made.counts["leads"], made.counts["refused"]) == (len(owning), len(kept))
    assert made.counts["assigned"] == sum(rep is not None for rep in owning.values())
    has_rep = told["rep_id"].notna()
    assert (told["team"][has_rep] == told["rep_id"][has_rep].map(TEAM_OF)).all()
    assert told["team"][~has_rep].isna().all()
    assert told["since"][has_rep & (told["since"] > pd.Timestamp(NOW))].empty
    moves = [lead for lead in kept | set(owning) if lead in world.planned]
    new = told.set_index("lead_id")["since"]
    for lead in moves:
        if lead not in kept and owning[lead] not in (None, world.owned[lead]):
            held = held_before(world, lead) if lead in (world.current or {}) else None
            if held != owning[lead] and owner_now(world, lead)[0] != owning[lead]:
                assert new[lead] == pd.Timestamp(NOW), lead


@settings(max_examples=10, deadline=None)
@given(world=worlds(), old=st.dictionaries(st.sampled_from(sorted(REGION_OF)), REPS, min_size=1))
def test_what_is_restored_is_what_was(world: World, old: dict[str, Who]) -> None:
    current = world.current or {"L0": "R1"}
    with TemporaryDirectory() as scratch:
        root = Path(scratch)
        before = write(root / "old", ASSIGNMENT_FILE, table(old))
        now = Current(2, write(root / "current", ASSIGNMENT_FILE, table(current)))
        (root / "out").mkdir()
        made = restore(before, now, (), root / "out")
        told = pd.read_parquet(root / "out" / ASSIGNMENT_FILE)
    assert by_lead(told) == {**current, **old}
    assert made.counts["changed"] == sum(
        rep != current[lead] for lead, rep in old.items() if lead in current
    ) + sum(rep is not None for lead, rep in old.items() if lead not in current)
    if set(current) <= set(old):
        assert made.hash == plan_hash(table(old))
