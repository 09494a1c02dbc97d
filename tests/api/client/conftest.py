"""A server that listens on loopback, and clients that ask it."""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import uvicorn

from api.client import Client
from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api.services.service import Service


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; a client does not know which kind it is."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    """Give the URL of a server of the installation."""
    config = uvicorn.Config(make_app(service), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server has not started"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def key(service: Service) -> str:
    """Return a key that may do everything."""
    with service.database.writing() as session:
        return add_key(session, "test", Role.ADMIN, {}, actor="test")[1]


@pytest.fixture
def remote(address: str, key: str) -> Iterator[Client]:
    """Give a client."""
    with Client(address, key) as client:
        yield client
