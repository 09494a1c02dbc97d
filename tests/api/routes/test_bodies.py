"""Bodies that are too large, too slow, or of a kind that is not taken, over real sockets."""

from __future__ import annotations

import asyncio
import json
import select
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from tests.api.routes.live import answer, connect, head, served

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, MutableMapping
    from contextlib import AbstractContextManager

    from api.services.service import Service

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
MOST = 1_000_000
SLACK = 64 << 10
PIECE = b"x" * 8192


@pytest.fixture
def key(service: Service) -> str:
    with service.database.writing() as session:
        return add_key(session, "a planner", Role.PLANNER, {}, actor="test")[1]


@pytest.fixture
def port(service: Service) -> Iterator[int]:
    """Give the port of a server that takes small bodies only."""
    with limited(service, max_body_mb=MOST / 1_000_000) as opened:
        yield opened


@pytest.fixture
def hasty_port(service: Service) -> Iterator[int]:
    """Give the port of a server that waits for nobody."""
    with limited(service, body_seconds=1.0, header_seconds=1.0) as opened:
        yield opened


def limited(service: Service, **limits: float) -> AbstractContextManager[int]:
    settings = service.settings.model_copy(update=limits)
    return served(replace(service, settings=settings))


def sent_until_answered(connection: socket.socket, most: int, *, chunked: bool) -> int:
    """Send pieces of a body until the server answers; return how many bytes were sent."""
    sent = 0
    while sent < most:
        readable, writable, _ = select.select([connection], [connection], [], 20)
        if readable:
            break
        assert writable
        piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if chunked else PIECE
        try:
            connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            break
        sent += len(PIECE)
    return sent


def test_a_body_that_says_that_it_is_too_large_is_not_read(port: int, key: str) -> None:
    with connect(port) as connection:
        lines = (f"Authorization: Bearer {key}", "Content-Type: application/json")
        connection.sendall(head("POST", "/v1/policies", *lines, f"Content-Length: {MOST + 1}"))
        status, told = answer(connection)
    assert status == 413
    assert b'"code":"too_large"' in told
    assert b"application/problem+json" in told


def test_a_body_without_a_length_is_cut_off_at_the_limit(port: int, key: str) -> None:
    with connect(port) as connection:
        lines = (f"Authorization: Bearer {key}", "Content-Type: application/json")
        connection.sendall(head("POST", "/v1/policies", *lines, "Transfer-Encoding: chunked"))
        # What lies in the sockets' buffers was sent, and is not read.
        sent_until_answered(connection, 40 * MOST, chunked=True)
        status, told = answer(connection)
    assert status == 413, told[:200]


def test_no_more_than_the_limit_is_taken(service: Service, key: str) -> None:
    settings = service.settings.model_copy(update={"max_body_mb": MOST / 1_000_000})
    taken, told = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += len(PIECE)
        return {"type": "http.request", "body": PIECE, "more_body": True}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message.get("status"))

    headers = {"host": "localhost", "authorization": f"Bearer {key}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/policies",
        "raw_path": b"/v1/policies",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(make_app(replace(service, settings=settings))(scope, receive, send))
    assert told[0] == 413
    assert MOST < taken <= MOST + SLACK


def test_who_is_not_known_may_send_little(port: int) -> None:
    for lines in ((), ("Authorization: Bearer flk_wrong",), ("Cookie: __Host-fairlead=x",)):
        with connect(port) as connection:
            length = f"Content-Length: {SLACK + 1}"
            connection.sendall(head("POST", "/v1/snapshots", *lines, length))
            assert answer(connection)[0] == 401, lines
        with connect(port) as connection:
            chunked = "Transfer-Encoding: chunked"
            connection.sendall(head("POST", "/v1/policies", *lines, chunked))
            sent_until_answered(connection, MOST // 2, chunked=True)
            assert answer(connection)[0] == 401, lines


def test_forms_have_few_fields_and_are_not_urlencoded(port: int, key: str) -> None:
    lines = (f"Authorization: Bearer {key}", "Connection: close")
    field = b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n'
    parts = b"".join(field % number for number in range(10_000))
    flood = b"&".join(b"a%d=1" % number for number in range(10_000))
    for kind, body, expected in (
        ("multipart/form-data; boundary=b", parts, 400),
        ("application/x-www-form-urlencoded", flood, 415),
        ("Application/X-WWW-Form-URLEncoded; charset=utf-8", flood, 415),
        ("multipart/form-data; boundary=b", b"nonsense", 400),
        ("multipart/form-data", b"nonsense", 400),
    ):
        with connect(port) as connection:
            told = (*lines, f"Content-Type: {kind}", f"Content-Length: {len(body)}")
            connection.sendall(head("POST", "/v1/snapshots", *told))
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(body)
            status, read = answer(connection)
        assert status == expected, (kind, read[:300])
        assert b"application/problem+json" in read


def test_the_slow_are_cut_off_and_nobody_waits_for_them(hasty_port: int, key: str) -> None:
    slow(hasty_port, key, count=20)


@pytest.mark.hard
@pytest.mark.parametrize("count", [200])
def test_two_hundred_slow_clients(hasty_port: int, key: str, count: int) -> None:
    before = psutil.Process().memory_info().rss
    slow(hasty_port, key, count=count)
    assert psutil.Process().memory_info().rss - before < 50 << 20


def slow(port: int, key: str, *, count: int) -> None:
    """Open connections of which each sends a part, and then nothing."""
    lines = (f"Authorization: Bearer {key}", "Content-Length: 100")
    beginnings = {
        "body": head("POST", "/v1/policies", *lines) + b"{",
        "headers": head("POST", "/v1/policies")[:-4],
        "nothing": b"",
    }
    for what, beginning in beginnings.items():
        connections = [connect(port) for _ in range(count)]
        try:
            for connection in connections:
                connection.sendall(beginning)
            with connect(port) as other:
                other.sendall(head("GET", "/health", "Connection: close"))
                assert answer(other)[0] == 200
            with ThreadPoolExecutor(count) as pool:
                told = {status for status, _ in pool.map(answer, connections)}
            assert told == {408 if what == "body" else 0}, what
        finally:
            for connection in connections:
                connection.close()


def test_what_is_no_http_is_answered_as_all_faults(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(b"GET /\x00 nonsense\r\n\r\n")
        status, read = answer(connection)
    assert (status, b"application/problem+json" in read) == (400, True)
    told = json.loads(read[read.index(b"{") :])
    assert (told["status"], told["code"]) == (400, "bad_request")


def test_headers_are_not_large(port: int) -> None:
    with connect(port) as connection:
        connection.sendall(head("GET", "/health", "X-Filler: " + "x" * 40_000))
        assert answer(connection)[0] == 431
    with connect(port) as connection:
        # Without an end: what was sent is thrown away, and with it what was answered.
        connection.sendall(head("GET", "/health", "X-Filler: " + "x" * 100_000)[:-4])
        assert answer(connection)[0] in (0, 400)
    with connect(port) as connection:
        # Headers may follow a body, too.
        connection.sendall(head("POST", "/v1/policies", "Transfer-Encoding: chunked") + b"0\r\n")
        with suppress(ConnectionError):
            for _ in range(20):
                connection.sendall(b"X-Filler: " + b"x" * 100_000)
        assert answer(connection)[0] in (0, 400)
    with connect(port) as connection:
        connection.sendall(head("GET", "/health", "Connection: close"))
        assert answer(connection)[0] == 200
