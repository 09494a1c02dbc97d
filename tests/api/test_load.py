"""Load, greed and long work on a real server (reliability tests 17, 21 and 22)."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from sqlalchemy import func, select

from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.store.dialect import describe, now
from api.store.tables import RunRow, RunStatus
from tests.api.cli.test_serve import free_port
from tests.api.company import TABLES, add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken
from tests.api.load import HEALTH, PUBLISH, READ, WHAT_IF, Load, Sizes, Took
from tests.api.servers import ServerProcess

if TYPE_CHECKING:
    from api.services.service import Service
    from api.store.database import Database

pytestmark = pytest.mark.hard
LOAD_SECONDS = float(os.environ.get("FAIRLEAD_LOAD_SECONDS", "600"))
SOAK_SECONDS = float(os.environ.get("FAIRLEAD_SOAK_SECONDS", "7200"))
FIGURES = "FAIRLEAD_FIGURES"
"""The variable that names the file to which figures are added, a line each."""
KEYS = 10
LARGE = 3000
WAL_MEGABYTES = 64
HOUR = 3600.0
GREEDY, GREEDY_SECONDS = 1000, 30.0
"""Runs that one caller asks for, in so many seconds."""


@pytest.fixture
def ids(service: Service) -> dict[str, str]:
    """Keep the small company with a current plan, and a larger one to solve meanwhile."""
    snapshot, policy = add_company(service), add_rules(service)
    plan = add_plan_of(service, snapshot, policy)
    publish(service, plan)
    rows = "".join(
        f"L{n},US/{'East' if n % 2 else 'West'}/{n % 3},A,{1000 + 37 * n % 9001},0.{n % 8 + 1},\n"
        for n in range(LARGE)
    )
    header = "lead_id,region,grade,amount,win_probability,owner\n"
    reps = "rep_id,name,team,regions,capacity_hours,max_leads\n" + "".join(
        f"R{n},Rep {n},east,US/East;US/West,40,70\n" for n in range(40)
    )
    large = add_company(service, {**TABLES, "leads.csv": header + rows, "reps.csv": reps})
    return {"snapshot": snapshot, "policy": policy, "plan": plan, "large": large}


def keys_of(service: Service) -> list[str]:
    """Return new keys: a single one may not ask so often."""
    with service.database.writing() as session:
        return [add_key(session, "load", Role.ADMIN, {}, actor="test")[1] for _ in range(KEYS)]


def tell(
    name: str, database: Database, seconds: float, took: Took, sizes: Sizes, **more: Any
) -> None:
    """Print figures as a line of JSON, and add them to the file that is named for it."""
    with database.reading() as session:
        about = {"test": name, "database": describe(session), "at": now(session).isoformat()}
    told = {
        **about,
        "seconds": seconds,
        **took.figures(),
        **sizes.figures(),
        **more,
    }
    line = json.dumps(told)
    print(line)  # noqa: T201  the figures are what it is run for
    if FIGURES in os.environ:
        with Path(os.environ[FIGURES]).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def test_many_clients(service: Service, url: str, ids: dict[str, str]) -> None:
    settings = {"FAIRLEAD_FOUR_EYES": "false"}
    server = ServerProcess(service.settings.data, url, free_port(), settings, workers=1)
    load = Load(server.address, keys_of(service), ids, clients=100, seconds=LOAD_SECONDS)
    server.start()
    try:
        server.wait()
        took, sizes, solved = asyncio.run(load.run(server.process))
    finally:
        server.kill()
    tell("load", service.database, LOAD_SECONDS, took, sizes, solved=solved)
    assert sum(took.faulty().values()) == 0, took.faulty()
    assert broken(service.database) == []
    at = took.figures()
    assert at[READ]["p95_ms"] <= 200
    assert at[READ]["p99_ms"] <= 500
    assert at[WHAT_IF]["p95_ms"] <= 300
    assert at[PUBLISH]["p95_ms"] <= 300
    assert at[HEALTH]["p99_ms"] <= 100


async def ask_for_much(address: str, key: str, ids: dict[str, str]) -> Counter[int]:
    """Ask for very many runs, evenly; return how often each status came."""
    body = {"snapshot": ids["snapshot"], "policy": ids["policy"]}
    told: Counter[int] = Counter()
    limits = httpx2.Limits(max_connections=None)
    headers = {"Authorization": f"Bearer {key}"}

    async def ask(number: int) -> None:
        await asyncio.sleep(GREEDY_SECONDS * number / GREEDY)
        answer = await http.post("/v1/runs", json=body, headers=headers)
        told[answer.status_code] += 1
        assert answer.status_code != 429 or int(answer.headers["retry-after"]) > 0

    async with (
        httpx2.AsyncClient(base_url=address, timeout=60, limits=limits) as http,
        asyncio.TaskGroup() as group,
    ):
        for number in range(GREEDY):
            group.create_task(ask(number))
    return told


@pytest.mark.parametrize("rate", [1200, 1_000_000], ids=["rate", "quota"])
def test_a_greedy_caller(service: Service, url: str, ids: dict[str, str], rate: int) -> None:
    settings = {
        "FAIRLEAD_FOUR_EYES": "false",
        "FAIRLEAD_REQUESTS_PER_MINUTE": str(rate),
        "FAIRLEAD_BURST": str(rate),
    }
    server = ServerProcess(service.settings.data, url, free_port(), settings, workers=1)
    with service.database.writing() as session:
        row, key = add_key(session, "greedy", Role.PLANNER, {}, actor="test")
    load = Load(server.address, keys_of(service), ids, clients=20, seconds=GREEDY_SECONDS)

    async def both() -> tuple[Took, Took, Sizes, int, Counter[int]]:
        before, _, _ = await load.run(server.process)
        (took, sizes, solved), told = await asyncio.gather(
            load.run(server.process), ask_for_much(server.address, key, ids)
        )
        return before, took, sizes, solved, told

    server.start()
    try:
        server.wait()
        before, took, sizes, solved, told = asyncio.run(both())
    finally:
        server.kill()
    seen = {"before": before.figures(), "solved": solved, "greedy": {**told}, "rate": rate}
    tell("greed", service.database, GREEDY_SECONDS, took, sizes, **seen)
    assert sum(took.faulty().values()) == 0, took.faulty()
    assert set(told) == {202, 429}
    assert told.total() == GREEDY
    assert solved > 0, "nobody else's run had a turn"
    with service.database.reading() as session:
        asked = session.scalar(select(func.count()).where(RunRow.caller == f"key:{row.id}"))
    assert asked == told[202]
    assert broken(service.database) == []
    for kind in (READ, WHAT_IF, PUBLISH):
        assert took.figures()[kind]["p95_ms"] < 2 * before.figures()[kind]["p95_ms"]


def test_a_long_time(service: Service, url: str, ids: dict[str, str]) -> None:
    settings = {"FAIRLEAD_FOUR_EYES": "false"}
    server = ServerProcess(service.settings.data, url, free_port(), settings, workers=1)
    keys = keys_of(service)
    load = Load(server.address, keys, ids, clients=20, seconds=SOAK_SECONDS, solve_seconds=20)
    ended: list[float] = []

    async def end() -> None:
        ended.append(await asyncio.to_thread(server.end))

    server.start()
    try:
        server.wait()
        took, sizes, solved = asyncio.run(load.run(server.process, end))
    finally:
        server.kill()
    journals = [file.stat().st_size / 1e6 for file in _journals(service, url)]
    more = {"solved": solved, "stop_seconds": round(ended[0], 2), "journal_mb": journals}
    tell("soak", service.database, SOAK_SECONDS, took, sizes, **more)
    assert sum(took.faulty().values()) == 0, took.faulty()
    assert ended[0] <= 10
    assert max(journals, default=0) < WAL_MEGABYTES
    with service.database.reading() as session:
        solving = session.scalars(select(RunRow.id).where(RunRow.status == RunStatus.SOLVING))
        assert list(solving) == [], "a run is still its worker's, which has ended"
    assert broken(service.database) == []
    if SOAK_SECONDS >= HOUR:
        # Of less time, what it grows by in an hour cannot be told.
        assert sizes.growth(sizes.megabytes) < 0.01
        assert sizes.growth(sizes.files) < 0.01


def _journals(service: Service, url: str) -> list[Path]:
    if not url.startswith("sqlite"):
        return []
    return list(Path(url.removeprefix("sqlite:///")).parent.glob("*-wal"))
