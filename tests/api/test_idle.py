"""An idle connection to a real server is there when its client asks again."""

from __future__ import annotations

import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from tests.api.cli.test_serve import free_port
from tests.api.servers import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

    from api.services.service import Service

IDLE_SECONDS = 7.0
"""Longer than servers wait that are not told otherwise."""


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty database; connections are alike beside either kind."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.mark.hard
def test_an_idle_connection_stays(service: Service, url: str) -> None:
    service.settings.data.mkdir(exist_ok=True)
    server = ServerProcess(service.settings.data, url, free_port())
    server.start()
    try:
        server.wait()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.auto_open = 0
        connection.connect()
        for pause in (0.0, IDLE_SECONDS):
            time.sleep(pause)
            connection.request("GET", "/health")
            with connection.getresponse() as answer:
                assert answer.status == 200
                answer.read()
        connection.close()
    finally:
        server.kill()
