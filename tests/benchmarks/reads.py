"""What reads take while a solve runs: many clients, each of which asks once a second.

`python -m tests.benchmarks.reads --clients 100 --seconds 60 --leads 20000 --reps 200`

A real server and its worker, which solves all the while. A request's time counts from its moment,
so that a server that falls behind is not asked less (Tene, "coordinated omission").
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
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2

from scenarios.generate import CompanySpec, policy_text
from tests.benchmarks.asking import Asking, percentiles
from tests.benchmarks.footprint import Footprint
from tests.benchmarks.million import Walk, publish_one, write_parquet
from tests.benchmarks.recommendations import processor_seconds
from tests.benchmarks.serving import Served, serving

SETTINGS = {"FAIRLEAD_REQUESTS_PER_MINUTE": 1_000_000, "FAIRLEAD_BURST": 1_000_000}
"""One key asks for all clients."""
PATHS = (
    "/v1/publications/current",
    "/v1/publications/current/assignments?limit=100",
    "/v1/plans?limit=10",
    "/v1/runs?limit=10",
    "/v1/plans/{plan}/kpis",
    "/v1/plans/{plan}/assignments?limit=100",
)
FIRST_SECONDS = 5.0
"""Of solving, of the plan that is read."""


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--reps", type=int, default=200)
    chosen = parser.parse_args()
    spec = CompanySpec(num_leads=chosen.leads, num_reps=chosen.reps, seed=7)
    with tempfile.TemporaryDirectory() as directory:
        told = measure(Path(directory), spec, chosen.clients, chosen.seconds)
    sys.stdout.write(json.dumps({**vars(chosen), **told}) + "\n")


def measure(directory: Path, spec: CompanySpec, clients: int, seconds: float) -> dict[str, Any]:
    """Publish a plan, let the worker solve, and read; return what the answers took."""
    tables = directory / "tables"
    write_parquet(spec, tables)
    with ExitStack() as stack:
        served = stack.enter_context(serving(directory / "data", SETTINGS))
        http = stack.enter_context(httpx2.Client(base_url=served.address, timeout=600.0))
        footprint = stack.enter_context(Footprint(served.pid))
        with Asking(served.address, served.key) as asking:
            walk = Walk(http, served.key, footprint, asking, lambda _: None)
            publish_one(walk, tables, policy_text(spec), FIRST_SECONDS)
        plan = walk.ask("GET", "/v1/plans")["items"][0]
        asked = {name: plan[f"{name}_id"] for name in ("snapshot", "policy")}
        limits = {"seconds": 2 * seconds, "gap": 0.0, "threads": 1}
        run = walk.ask("POST", "/v1/runs", json={**asked, "limits": limits})
        before = processor_seconds(served.pid, below=False)
        told = asyncio.run(read(served, plan["id"], clients, seconds))
        spent = processor_seconds(served.pid, below=False) - before
        status = walk.ask("GET", f"/v1/runs/{run['id']}")["status"]
        memory = footprint.take()
    return {
        **told,
        "run_is_then": status,
        "server_processor_ms": round(1e3 * spent / told["asked"], 2),
        "memory_mb": memory,
        "load": round(os.getloadavg()[0], 2),
    }


async def read(served: Served, plan: str, clients: int, seconds: float) -> dict[str, Any]:
    """Have clients read, each once a second; return what the answers took, in milliseconds."""
    took: list[float] = []
    statuses: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {served.key}"}
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(
        base_url=served.address, headers=headers, limits=limits, timeout=60.0
    ) as http:
        began = time.perf_counter() + 0.5

        async def client(number: int) -> None:
            for turn in range(int(seconds)):
                due = began + turn + number / clients
                await asyncio.sleep(max(due - time.perf_counter(), 0))
                path = PATHS[(number + turn) % len(PATHS)].format(plan=plan)
                answer = await http.get(path)
                took.append(1e3 * (time.perf_counter() - due))
                statuses[answer.status_code] += 1

        await asyncio.gather(*(client(number) for number in range(clients)))
    return {"asked": len(took), "statuses": dict(statuses), **percentiles(took)}


if __name__ == "__main__":
    main()
