"""A PostgreSQL that says nothing: it is at work, or it is gone.

A statement may take long, so none has a deadline. But the kernel of a machine goes on acknowledging
for a server that is stopped, and a socket of the same machine has no deadline at all: who only
waits, waits for ever. So who has heard nothing for some seconds asks, by a connection of its own,
whether the server is there; if that has no answer either, the connection is given up.
"""

from __future__ import annotations

import math
import select
import socket
import struct
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.errors import ConnectionTimeout

if TYPE_CHECKING:
    from collections.abc import Generator

    Told = TypeVar("Told")

# "May I speak TLS?" is answered with one letter before anything else is asked, also where no
# connection is free, and is not logged (PostgreSQL, "Message Formats", SSLRequest).
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
LEAST_TO_ANSWER = 2
"""Seconds; libpq takes no less, and a busy machine may need them."""
# Where the connection was lost though the server is there, such as after its machine was started
# again; the kernel of a machine that is there acknowledges, however long a statement takes.
KEPT = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class Watch:
    """Connects to a server, and gives up what it does not answer; one per engine.

    Parameters
    ----------
    silent_seconds : for how long a server may say nothing before it is asked whether it is there,
        and within which (2 s at least) it must answer that
    """

    def __init__(self, silent_seconds: float) -> None:
        self.silent_seconds = silent_seconds
        self._answer_seconds = max(LEAST_TO_ANSWER, math.ceil(silent_seconds))
        self._lock = Lock()
        self._away_until = -math.inf

    def connect(self, *place: Any, **options: Any) -> WatchedConnection:
        """Connect as `psycopg.connect` does.

        Raises
        ------
        OperationalError : it cannot be reached, or could not be just now: of many who would wait
            for a server that is away, one does, and the others are told at once
        """
        self._refuse_while_away()
        kept = {**KEPT, "connect_timeout": self._answer_seconds}
        try:
            connection = WatchedConnection.connect(*place, **{**kept, **options})
        except ConnectionTimeout:
            self._is_away()
            raise
        except psycopg.Error:
            # Who refuses, answers.
            self._away_until = -math.inf
            raise
        self._away_until = -math.inf
        connection.watch = self
        return connection

    def answers(self, asked: psycopg.Connection[Any]) -> bool:
        """Return whether the server of a connection is there."""
        try:
            with self._socket(asked.pgconn) as probe:
                probe.sendall(SSL_REQUEST)
                if probe.recv(1):
                    return True
        except OSError:
            pass
        self._is_away()
        return False

    def _socket(self, asked: Any) -> socket.socket:
        host, port = asked.host.decode(), asked.port.decode()
        if not host.startswith("/"):
            address = (asked.hostaddr.decode() or host, int(port))
            return socket.create_connection(address, self._answer_seconds)
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(self._answer_seconds)
        try:
            made.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            made.close()
            raise
        return made

    def _is_away(self) -> None:
        self._away_until = monotonic() + self._answer_seconds

    def _refuse_while_away(self) -> None:
        with self._lock:
            left = self._away_until - monotonic()
            if left > 0:
                raise psycopg.OperationalError("the server was silent a moment ago")
            # Who comes next is the one who tries.
            if self._away_until > -math.inf:
                self._away_until = monotonic() + self._answer_seconds


class WatchedConnection(psycopg.Connection[Any]):
    """A connection on which no wait outlasts the server."""

    watch: Watch | None = None

    def has_word(self) -> bool:
        """Return whether it is closed, or the server said what nobody asked, as that it ends."""
        if self.closed:
            return True
        said = select.poll()
        said.register(self.pgconn.socket, select.POLLIN)
        return bool(said.poll(0))

    def wait(self, gen: Generator[Any, Any, Told], *how: Any, **more: Any) -> Told:
        """Wait as psycopg does, and look after the server meanwhile."""
        return super().wait(self._watched(gen), *how, **more)

    def _watched(self, gen: Generator[Any, Any, Told]) -> Generator[Any, Any, Told]:
        """Pass on what a wait awaits; where nothing comes, psycopg says so ten times a second."""
        try:
            awaited = next(gen)
            heard = monotonic()
            while True:
                ready = yield awaited
                if ready:
                    heard = monotonic()
                elif self.watch and monotonic() - heard > self.watch.silent_seconds:
                    self._ask(self.watch)
                    heard = monotonic()
                awaited = gen.send(ready)
        except StopIteration as ended:
            told: Told = ended.value
            return told

    def _ask(self, watch: Watch) -> None:
        if not watch.answers(self):
            self.pgconn.finish()
            raise psycopg.OperationalError(
                f"the server was silent for {watch.silent_seconds:g} s, and when it was asked "
                "whether it is there"
            )
