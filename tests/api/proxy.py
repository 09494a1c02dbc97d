"""A TCP proxy that cuts connections at a chosen moment: when a client sends certain bytes."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Proxy:
    """Passes connections on to a server of this machine.

    Attributes
    ----------
    port : where it listens
    cut_at : bytes of a client; the connection that sends them is cut. None for no cut
    arrives : whether the server gets these bytes before the cut, so that it does what they ask,
        and only its answer is lost
    cuts : how often it has cut
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self.port = 0
        self.cut_at: bytes | None = None
        self.arrives = False
        self.cuts = 0
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, ready: threading.Event, ended: asyncio.Event) -> None:
        """Pass on what comes until told to end."""
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        # What was aborted is closed by the loop's next turn.
        await asyncio.sleep(0)

    async def _begin(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(client, back))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _pass_on(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, server = await asyncio.open_unix_connection(self._target)
        doomed, answered = asyncio.Event(), asyncio.Event()

        async def forward() -> None:
            while data := await client.read(1 << 16):
                if self.cut_at is not None and self.cut_at in data:
                    self.cut_at = None
                    self.cuts += 1
                    doomed.set()
                    if not self.arrives:
                        return
                server.write(data)
                await server.drain()
                if doomed.is_set():
                    await answered.wait()
                    return

        async def backward() -> None:
            while data := await answers.read(1 << 16):
                if doomed.is_set():
                    answered.set()
                    return
                back.write(data)
                await back.drain()

        both = [asyncio.create_task(forward()), asyncio.create_task(backward())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            server.transport.abort()
            back.transport.abort()


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """Give a proxy to a server's socket, in a thread of its own."""
    proxy, ready = Proxy(target), threading.Event()
    loop, ended = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(proxy.serve(ready, ended),), daemon=True
    )
    thread.start()
    assert ready.wait(10), "the proxy has not started"
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
