"""Many clients at a time, each of which asks something every second, and what it took."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from copy import deepcopy
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx2
import numpy as np
import psutil

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

SECONDS = 30.0
"""After which a request counts as not answered."""
LEAD = {"lead_id": "N1", "region": "US/West", "amount": 1200, "win_probability": 0.3}
LOOKS = (
    "/v1/publications/current/assignments?limit=100",
    "/v1/publications/current",
    "/v1/plans/{plan}/kpis",
    "/v1/plans/{plan}/assignments?limit=100",
    "/v1/plans/{plan}/leads/L01",
    "/v1/books/R1",
    "/v1/runs?limit=20",
    "/v1/policies",
)
STEPS = ("submit", "approve", "publish")
READ, WHAT_IF, PUBLISH, HEALTH = "read", "what_if", "publish", "health"


@dataclass
class Took:
    """What answers there were, by kind of request.

    Attributes
    ----------
    seconds : how long each took; statuses : how often each came, 0 for no answer
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def figures(self) -> dict[str, Any]:
        """Return milliseconds at the 50th, 95th and 99th percentile, and statuses, by kind."""
        told: dict[str, Any] = {}
        for kind, seconds in sorted(self.seconds.items()):
            p50, p95, p99 = (
                round(1000 * value, 1) for value in np.percentile(seconds, [50, 95, 99])
            )
            told[kind] = {"p50_ms": p50, "p95_ms": p95, "p99_ms": p99}
            told[kind]["statuses"] = {str(one): n for one, n in sorted(self.statuses[kind].items())}
        return told

    def faulty(self) -> dict[str, int]:
        """Return how often there was no answer, or one that is a fault of the server's."""
        return {
            kind: sum(n for status, n in counted.items() if status == 0 or status >= 500)
            for kind, counted in self.statuses.items()
        }


@dataclass
class Sizes:
    """How large a server and what it started are, from time to time.

    Attributes
    ----------
    at : seconds since the beginning
    megabytes : of the server alone; family : with all that it started; files : open in the server
    """

    process: psutil.Process
    at: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    family: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    async def watch(self, ended: asyncio.Event) -> None:
        """Look once a second."""
        began = monotonic()
        while not ended.is_set():
            others = [_megabytes(one) for one in self.process.children(recursive=True)]
            own = _megabytes(self.process)
            self.at.append(monotonic() - began)
            self.megabytes.append(own)
            self.family.append(own + sum(others))
            self.files.append(self.process.num_fds())
            await asyncio.sleep(1)

    def figures(self) -> dict[str, Any]:
        """Return what it was at most and at the end, and by how much it grew after a quarter."""
        eighths = [round(float(part.mean()), 1) for part in np.array_split(self.megabytes, 8)]
        return {
            "server_mb": {
                "most": round(max(self.megabytes)),
                "last": round(self.megabytes[-1]),
                "by_eighths": eighths,
            },
            "family_mb": {"most": round(max(self.family)), "last": round(self.family[-1])},
            "files": {"most": max(self.files), "last": self.files[-1]},
            "server_percent_per_hour": round(100 * self.growth(self.megabytes), 2),
            "files_percent_per_hour": round(100 * self.growth(self.files), 2),
        }

    def growth(self, values: Sequence[float]) -> float:
        """Return by which share of its mean something grew in an hour, after a quarter of time."""
        start = len(values) // 4
        slope = np.polyfit(self.at[start:], values[start:], 1)[0]
        return float(3600 * slope / np.mean(values[start:]))


def _megabytes(process: psutil.Process) -> float:
    # A process may end while it is looked at.
    try:
        return float(process.memory_info().rss / 1e6)
    except psutil.NoSuchProcess:
        return 0.0


@dataclass
class Client:
    """One of many, who looks, asks what would be, and publishes.

    Attributes
    ----------
    ids : snapshot, policy and plan
    draft : the publication that it is about, and how many of its steps are done
    """

    http: httpx2.AsyncClient
    key: str
    ids: Mapping[str, str]
    took: Took
    chance: random.Random
    draft: str | None = None
    step: int = 0

    async def work(self, ended: asyncio.Event) -> None:
        """Ask something every second: 80 % looks, 15 % what would be, 5 % steps of publishing."""
        await asyncio.sleep(self.chance.random())
        while not ended.is_set():
            began = monotonic()
            drawn = self.chance.random()
            await (
                self.look() if drawn < 0.8 else self.what_if() if drawn < 0.95 else self.publish()
            )
            await asyncio.sleep(max(0.0, 1 - (monotonic() - began)))

    async def warm(self) -> None:
        """Have the processes beside the server begin, which takes seconds, once."""
        for path in LOOKS:
            await self.ask(READ, "GET", path.format(**self.ids))
        await self.ask(WHAT_IF, "POST", "/v1/recommendations", json={"leads": [LEAD]})
        for _ in range(2):
            await self.publish()

    async def look(self) -> None:
        """Read something."""
        path = self.chance.choice(LOOKS).format(**self.ids)
        await self.ask(READ, "GET", path)

    async def what_if(self) -> None:
        """Ask for a scenario, or whom a new lead would go to."""
        if self.chance.random() < 0.5:
            await self.ask(WHAT_IF, "POST", "/v1/recommendations", json={"leads": [LEAD]})
            return
        base = {"snapshot": self.ids["snapshot"], "policy": self.ids["policy"]}
        new = {"name": "one leaves", **base, "changes": [{"rep_leaves": {"reps": ["R3"]}}]}
        await self.ask(WHAT_IF, "POST", "/v1/scenarios", json=new)

    async def publish(self) -> None:
        """Go on with a publication by one step."""
        if self.draft is None:
            new = {"plan": self.ids["plan"]}
            made = await self.ask(PUBLISH, "POST", "/v1/publications", json=new)
            if made is not None:
                self.draft, self.step = str(made["id"]), 0
            return
        path = f"/v1/publications/{self.draft}/{STEPS[self.step]}"
        if await self.ask(PUBLISH, "POST", path) is not None:
            self.step += 1
            if self.step == len(STEPS):
                self.draft = None

    async def ask(self, kind: str, method: str, path: str, **more: Any) -> dict[str, Any] | None:
        """Send a request; return its answer if it succeeded."""
        began = monotonic()
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            answer = await self.http.request(method, path, headers=headers, **more)
            status = answer.status_code
        except httpx2.TransportError:
            status = 0
        self.took.seconds[kind].append(monotonic() - began)
        self.took.statuses[kind][status] += 1
        return dict(answer.json()) if 200 <= status < 300 else None


@dataclass(frozen=True)
class Load:
    """Clients at work on a server.

    Attributes
    ----------
    keys : of the clients, in turn; each key has a limit of requests
    solve_seconds : from the beginning of a solve to that of the next; 0 for the next at once
    """

    address: str
    keys: Sequence[str]
    ids: Mapping[str, str]
    clients: int
    seconds: float
    solve_seconds: float = 0.0
    seed: int = 0

    async def run(
        self, process: psutil.Process, last: Callable[[], Awaitable[None]] | None = None
    ) -> tuple[Took, Sizes, int]:
        """Return what answers there were, how large the server was, and how often it solved.

        Parameters
        ----------
        last : is awaited at the end, while the clients are still at work
        """
        took, sizes, ended = Took(), Sizes(process), asyncio.Event()
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        async with (
            httpx2.AsyncClient(base_url=self.address, timeout=SECONDS, limits=limits) as http,
            asyncio.TaskGroup() as group,
        ):
            one = self._client(http, Took(), 0)
            await one.warm()
            solves = group.create_task(self._solve(one, ended))
            group.create_task(self._health(self._client(http, took, 0), ended))
            watched = group.create_task(sizes.watch(ended))
            at_work = [
                group.create_task(self._client(http, took, number).work(ended))
                for number in range(self.clients)
            ]
            await asyncio.sleep(self.seconds)
            if last is not None:
                # What comes while it ends is no figure of its.
                took = deepcopy(took)
                watched.cancel()
                await last()
            ended.set()
            await asyncio.gather(*at_work)
        return took, sizes, solves.result()

    def _client(self, http: httpx2.AsyncClient, took: Took, number: int) -> Client:
        key = self.keys[number % len(self.keys)]
        chance = random.Random(self.seed + number)  # noqa: S311
        return Client(http, key, self.ids, took, chance)

    async def _health(self, client: Client, ended: asyncio.Event) -> None:
        while not ended.is_set():
            await client.ask(HEALTH, "GET", "/health")
            await asyncio.sleep(0.5)

    async def _solve(self, client: Client, ended: asyncio.Event) -> int:
        """Have one plan made after the other; return how many were."""
        base = {"snapshot": self.ids["large"], "policy": self.ids["policy"]}
        solved = 0
        while not ended.is_set():
            began = monotonic()
            run = await client.ask("run", "POST", "/v1/runs", json=base)
            while run is not None and run["ended_at"] is None and not ended.is_set():
                await asyncio.sleep(0.2)
                run = await client.ask("run", "GET", f"/v1/runs/{run['id']}")
            solved += run is not None and run["status"] == "solved"
            while monotonic() - began < self.solve_seconds and not ended.is_set():
                await asyncio.sleep(0.2)
            await asyncio.sleep(0.2)
        return solved
