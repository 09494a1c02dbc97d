"""How long a recommendation takes through HTTP, asked for at a steady rate.

`python -m tests.benchmarks.recommendations --reps 1000 --rate 200 --seconds 30`

A server and an asynchronous client on loopback. Each request has its moment, and its time counts
from then, so that a server that falls behind is not asked less (Tene, "coordinated omission").
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import psutil

from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.intake import take_tables
from api.services.service import Service
from api.services.snapshots import add_snapshot
from api.settings import Settings
from api.store.migrate import upgrade
from scenarios.generate import CompanySpec, generate, policy_text, write_company
from tests.api.company import add_plan_of, add_rules, publish
from tests.benchmarks.asking import percentiles
from tests.benchmarks.serving import Served, serving

OWN = ("owner", "owned_since", "last_activity", "family", "company", "email", "phone", "status")
"""What a new lead has not, or has for itself."""
URL = "/v1/recommendations"
OFTEN = {"FAIRLEAD_REQUESTS_PER_MINUTE": 1_000_000, "FAIRLEAD_BURST": 1_000_000}
"""One caller asks for all: the limits would refuse most of it."""
READY_SECONDS = 120.0


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=5_000, help="of the plan")
    parser.add_argument("--reps", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds that do not count")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory)
        spec = CompanySpec(num_leads=chosen.leads, num_reps=chosen.reps, seed=7)
        key = prepared(data, spec)
        with serving(data, OFTEN, "--workers-here", "0") as served:
            ask = measured(
                served, key, new_leads(spec), chosen.rate, chosen.seconds, chosen.warm_up
            )
            told = asyncio.run(ask)
    told = {"leads": chosen.leads, "reps": chosen.reps, "rate": chosen.rate, **told}
    sys.stdout.write(json.dumps(told) + "\n")


def prepared(data: Path, spec: CompanySpec) -> str:
    """Plan a company, publish the plan, and return a key that may ask."""
    service = Service.of(Settings(data=data))
    upgrade(service.database)
    sent, kept = data / "sent", data / "kept"
    write_company(spec, sent)
    kept.mkdir()
    taken = take_tables(sent, kept)
    with service.database.writing() as session:
        snapshot_id = add_snapshot(session, taken, "upload", "key:benchmark").id
    plan_id = add_plan_of(service, snapshot_id, add_rules(service, policy_text(spec)))
    publish(service, plan_id)
    with service.database.writing() as session:
        _, key = add_key(session, "benchmark", Role.ANALYST, {}, actor="benchmark")
    service.close()
    return key


def new_leads(spec: CompanySpec) -> list[dict[str, Any]]:
    """Return leads of the same kind as the plan's, as programs send them."""
    other = CompanySpec(num_leads=5_000, num_reps=spec.num_reps, seed=spec.seed + 1)
    table = generate(other).leads
    table = table.drop(columns=[name for name in OWN if name in table])
    table["lead_id"] = "new-" + table["lead_id"]
    rows = json.loads(table.to_json(orient="records", date_format="iso"))
    return [{name: cell for name, cell in row.items() if cell is not None} for row in rows]


async def measured(
    served: Served, key: str, leads: list[dict[str, Any]], rate: float, seconds: float, warm: float
) -> dict[str, Any]:
    """Ask at a rate; return what the answers took, in milliseconds, and what the processors did."""
    bodies = [json.dumps({"leads": [lead], "top": 5}).encode() for lead in leads]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    took: list[float] = []
    statuses: Counter[int] = Counter()
    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx2.AsyncClient(
        base_url=served.address, headers=headers, limits=limits, timeout=10
    ) as client:
        await ready(client, bodies[0])
        before = processor_seconds(served.pid)
        began = time.perf_counter() + 0.1

        async def ask(number: int) -> None:
            due = began + number / rate
            await asyncio.sleep(max(due - time.perf_counter(), 0))
            answer = await client.post(URL, content=bodies[number % len(bodies)])
            if number / rate >= warm:
                took.append(1e3 * (time.perf_counter() - due))
                statuses[answer.status_code] += 1

        await asyncio.gather(*(ask(number) for number in range(int(rate * (warm + seconds)))))
    spent = 1e3 * (processor_seconds(served.pid) - before) / (rate * (warm + seconds))
    return {
        "asked": len(took),
        "statuses": dict(statuses),
        **percentiles(took),
        "processor_ms": round(spent, 2),
        "load": round(os.getloadavg()[0], 2),
    }


def processor_seconds(pid: int, *, below: bool = True) -> float:
    """Return how long processors have worked for a server, and for all processes below it."""
    server = psutil.Process(pid)
    times = [one.cpu_times() for one in (server, *(server.children(True) if below else ()))]
    return float(sum(one.user + one.system for one in times))


async def ready(client: httpx2.AsyncClient, body: bytes) -> None:
    """Wait until the server answers, and has the plan ready."""
    told = ""
    async with asyncio.timeout(READY_SECONDS):
        while True:
            try:
                answer = await client.post(URL, content=body)
            except httpx2.TransportError as error:
                told = str(error)
            else:
                if answer.status_code == httpx2.codes.OK:
                    return
                if answer.status_code != httpx2.codes.SERVICE_UNAVAILABLE:
                    raise RuntimeError(f"the server answers {answer.text}, after {told}")
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    main()
