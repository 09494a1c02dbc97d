"""A real server on this machine, for what only sockets show."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from api.routes.app import make_app
from api.routes.connections import protocol_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.services.service import Service

PATIENCE = 20.0
"""Seconds after which a test gives up."""


@contextmanager
def served(service: Service) -> Iterator[int]:
    """Serve an installation on a port of its own, which is given."""
    config = uvicorn.Config(
        make_app(service),
        port=0,
        http=protocol_of(service.settings.header_seconds),
        log_config=None,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        end = time.monotonic() + PATIENCE
        while not server.started:
            assert time.monotonic() < end, "the server of the test has not started"
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the server of the test has not ended"


def connect(port: int) -> socket.socket:
    """Return a connection to a server of this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def head(method: str, path: str, *lines: str) -> bytes:
    """Return the beginning of a request."""
    told = [f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]
    return "\r\n".join(told).encode()


def answer(connection: socket.socket) -> tuple[int, bytes]:
    """Return the status of an answer, and all that comes until the server hangs up."""
    read = b""
    while True:
        try:
            piece = connection.recv(1 << 16)
        except ConnectionResetError:
            break
        if not piece:
            break
        read += piece
    return (int(read.split(b" ", 2)[1]) if read else 0), read
