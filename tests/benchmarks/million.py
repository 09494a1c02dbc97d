"""A plan of a million leads through the service, from the tables to the published assignment.

`nice -n 5 python -m tests.benchmarks.million --leads 1000000 --reps 1000 --seconds 300`

Prints one line of JSON per step: how long it took, the most memory of each process meanwhile, and
what small requests took beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx2
import pyarrow.parquet as pq

from scenarios.generate import CompanySpec, lead_chunks, policy_text, write_company
from tests.benchmarks.asking import Asking
from tests.benchmarks.footprint import Footprint
from tests.benchmarks.serving import serving

Told = TypeVar("Told")
Print = Callable[[dict[str, Any]], None]
PAGES, PAGE = 100, 1000
"""Pages of an assignment that are read, and leads of a page."""
POLL_SECONDS = 1.0
ENDED = ("solved", "failed", "cancelled", "invalid")
BY_CHUNKS = ("leads", "history")
"""Tables that grow with the leads, which are sent as Parquet."""


def main() -> None:
    """Measure, and print a line per step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=300.0, help="of solving")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        measure(
            Path(directory),
            CompanySpec(num_leads=chosen.leads, num_reps=chosen.reps, seed=7),
            chosen.seconds,
            lambda told: print_line({**told, "load": round(os.getloadavg()[0], 2)}),
        )


def print_line(told: dict[str, Any]) -> None:
    """Print what was measured of a step."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def measure(directory: Path, spec: CompanySpec, seconds: float, show: Print) -> None:
    """Take a company through the service; show what each step took.

    Raises
    ------
    RuntimeError : a step was refused, or the run left no plan
    """
    tables = directory / "tables"
    write_parquet(spec, tables)
    settings = {"FAIRLEAD_MAX_PAIRS": 2 * spec.num_leads * spec.num_reps}
    with ExitStack() as stack:
        served = stack.enter_context(serving(directory / "data", settings))
        footprint = stack.enter_context(Footprint(served.pid))
        asking = stack.enter_context(Asking(served.address, served.key))
        http = stack.enter_context(httpx2.Client(base_url=served.address, timeout=3600.0))
        walk = Walk(http, served.key, footprint, asking, show)
        publish_one(walk, tables, policy_text(spec), seconds)


@dataclass(frozen=True)
class Walk:
    """Steps that are measured, each when the one before it has ended."""

    http: httpx2.Client
    key: str
    footprint: Footprint
    asking: Asking
    show: Print

    def step(self, name: str, work: Callable[[], Told], **more: Any) -> Told:
        """Do a step and show what it took."""
        self.footprint.take()
        self.asking.take()
        began = time.perf_counter()
        done = work()
        took = round(time.perf_counter() - began, 2)
        memory, asked = self.footprint.take(), self.asking.take()
        self.show({"step": name, "seconds": took, **more, "memory_mb": memory, "small": asked})
        return done

    def ask(self, method: str, path: str, key: str | None = None, **more: Any) -> Any:
        """Return what a request is answered."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        if method != "GET":
            headers["Idempotency-Key"] = uuid4().hex
        answer = self.http.request(method, path, headers=headers, **more)
        if not answer.is_success:
            raise RuntimeError(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    def download(self, path: str, kind: str) -> int:
        """Return how many bytes a table has, none of which is kept."""
        headers = {"Authorization": f"Bearer {self.key}", "Accept": kind}
        with self.http.stream("GET", path, headers=headers) as answer:
            if not answer.is_success:
                raise RuntimeError(f"GET {path} was answered {answer.status_code}")
            return sum(len(piece) for piece in answer.iter_bytes(1 << 20))


def publish_one(walk: Walk, tables: Path, policy: str, seconds: float) -> None:
    """Send tables, plan them, publish the plan, and read it in each way."""
    sent = sum(path.stat().st_size for path in tables.iterdir())
    snapshot = walk.step("upload", lambda: upload(walk, tables), megabytes=round(sent / 1e6))
    walk.step("issues", lambda: walk.ask("GET", f"/v1/snapshots/{snapshot['id']}/issues"))
    named = {"name": "weekly", "text": policy}
    rules = walk.step("policy", lambda: walk.ask("POST", "/v1/policies", json=named))
    asked = {
        "snapshot": snapshot["id"],
        "policy": rules["id"],
        "limits": {"seconds": seconds, "threads": 2},
        "skip_rule_prices": True,
    }
    plan = walk.step("run", lambda: run_to_its_end(walk, asked), asked_seconds=seconds)
    second = {"name": "second", "role": "approver", "person": "second"}
    approver = walk.ask("POST", "/v1/keys", json=second)["key"]
    draft = walk.step("draft", lambda: walk.ask("POST", "/v1/publications", json={"plan": plan}))
    url = f"/v1/publications/{draft['id']}"
    walk.step("submit", lambda: walk.ask("POST", f"{url}/submit"))
    walk.step("approve", lambda: walk.ask("POST", f"{url}/approve", approver))
    walk.step("publish", lambda: walk.ask("POST", f"{url}/publish", approver))
    read(walk, plan)


def read(walk: Walk, plan: str) -> None:
    """Read what is published in each way."""
    current = "/v1/publications/current/assignments"
    parquet, csv = "application/vnd.apache.parquet", "text/csv"
    walk.step("download parquet", lambda: walk.download(current, parquet))
    walk.step("download csv", lambda: walk.download(current, csv))
    walk.step("pages", lambda: pages(walk, current), pages=PAGES, leads_a_page=PAGE)
    of_plan = f"/v1/plans/{plan}/assignments"
    first = walk.step("first page of the plan", lambda: walk.ask("GET", f"{of_plan}?limit=1"))
    lead = first["items"][0]["lead_id"]
    walk.step("explanation, first", lambda: walk.ask("GET", f"/v1/plans/{plan}/leads/{lead}"))
    walk.step("explanation, again", lambda: walk.ask("GET", f"/v1/plans/{plan}/leads/{lead}"))


def upload(walk: Walk, tables: Path) -> Any:
    """Send tables; return the snapshot."""
    with ExitStack() as stack:
        files = [
            ("files", (path.name, stack.enter_context(path.open("rb"))))
            for path in sorted(tables.iterdir())
        ]
        return walk.ask("POST", "/v1/snapshots", files=files)


def run_to_its_end(walk: Walk, asked: dict[str, Any]) -> str:
    """Ask for a plan and wait for it; return its id."""
    run = walk.ask("POST", "/v1/runs", json=asked)
    while run["status"] not in ENDED:
        time.sleep(POLL_SECONDS)
        run = walk.ask("GET", f"/v1/runs/{run['id']}")
    if run["plan_id"] is None:
        raise RuntimeError(f"the run left no plan: {run['status']}, {run['reason']}")
    times = {name: run[name] for name in ("queued_at", "started_at", "progressed_at", "ended_at")}
    walk.show({"step": "the run's own times", **times, "progress": run["progress"]})
    return str(run["plan_id"])


def pages(walk: Walk, path: str) -> None:
    """Read the first pages of a table, one after the other."""
    following: str | None = f"{path}?limit={PAGE}"
    for _ in range(PAGES):
        if following is None:
            break
        page = walk.ask("GET", following)
        following = page["next"] and f"{path}?limit={PAGE}&cursor={page['next']}"


def write_parquet(spec: CompanySpec, directory: Path) -> None:
    """Write a company's tables, those that grow with its leads as Parquet."""
    write_company(spec, directory)
    (directory / "policy.yaml").unlink()
    writers: dict[str, pq.ParquetWriter] = {}
    with ExitStack() as stack:
        for chunk in lead_chunks(spec):
            for name in BY_CHUNKS:
                table = getattr(chunk, name)
                if name not in writers:
                    path = directory / f"{name}.parquet"
                    writers[name] = stack.enter_context(pq.ParquetWriter(path, table.schema))
                writers[name].write_table(table)
    for name in BY_CHUNKS:
        (directory / f"{name}.csv").unlink()


if __name__ == "__main__":
    main()
