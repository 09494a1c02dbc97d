"""`fairlead serve`: the API, and a worker beside it."""

from __future__ import annotations

import signal
import socket
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import output
from api.cli.installation import DataDir, file_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from uvicorn import Server

    from api.services.service import Service
    from api.store.database import Database

KEEP_ALIVE_SECONDS = 75
"""After which an idle connection is closed: later than clients (5 s is usual) and proxies (60 s) do
it, or a request may be on its way when the server hangs up.
"""
SHUTDOWN_SECONDS = 10
"""Seconds that requests have to be answered once the server is told to end."""
STOPPING = (signal.SIGINT, signal.SIGTERM)


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 for all networks.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    data: DataDir = None,
    workers_here: Annotated[
        int, typer.Option(min=0, max=1, help="Workers beside the server: 0 if others are started.")
    ] = 1,
) -> None:
    """Start the service: its API, and one worker that performs runs.

    The database is brought to this version's tables first. The first start prints an
    administrator's key, once. Ctrl-C or SIGTERM ends it; a run that is under way is handed back.

    Example: [bold]fairlead serve --data acme-data --port 8000[/]
    """
    settings = settings_of(data)
    if "public_url" not in settings.model_fields_set:
        address = f"http://{_shown(host)}:{port}"
        settings = settings.model_copy(update={"public_url": address})
    # Before anything else, so that a second server changes nothing, and says so at once.
    listening = _listen(host, port)

    from api.memory import settle, share_arenas, without_collections

    # The libraries start threads.
    share_arenas()
    with without_collections():
        import uvicorn

        from api.cli.worker_process import WorkerProcess
        from api.logs import start_log
        from api.routes.app import make_app
        from api.routes.connections import protocol_of
        from api.services.service import Service

    start_log(settings)
    _warn_if_open(file_of(settings))
    service = Service.of(settings)
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(service),
            loop="uvloop",
            http=protocol_of(settings.header_seconds),
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    try:
        # Told to end before it has begun, it ends as soon as it has.
        with _told_to_end(server):
            _bring_up(service.database)
            _show_first_key(service)
            output().print(f"Fairlead answers at http://{_shown(host)}:{port}", highlight=False)
            with WorkerProcess(settings) if workers_here else nullcontext():
                settle()
                server.run([listening])
    finally:
        service.close()
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    UsageError : the address or the port cannot be had
    """
    from models.errors import UsageError

    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise UsageError(
            f"nothing can listen on {host}, port {port}: {error.strerror or error}; another "
            "program may have it. Name another --port, or an address of this machine as --host"
        ) from error


@contextmanager
def _told_to_end(server: Server) -> Iterator[None]:
    """Have SIGTERM and Ctrl-C end the server, and nothing else, until the block ends.

    While it runs the server has handlers of its own; what they heard comes again at its end.
    """

    def end(_number: int, _frame: object) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _warn_if_open(file: Path | None) -> None:
    import structlog

    from api.store.private import open_to_all

    if file is not None and open_to_all(file):
        structlog.stdlib.get_logger(__name__).warning(
            "every user of this machine may read the database, which holds names, contacts and "
            "hashes of keys: take their right to read it, as `chmod 600` does",
            file=str(file),
        )


def _bring_up(database: Database) -> None:
    from api.store.revision import NEWEST_REVISION, revision_of

    with database.reading() as session:
        revision = revision_of(session)
    if revision != NEWEST_REVISION:
        # Not at every start: Alembic takes a tenth of its time to import.
        from api.store.migrate import upgrade

        upgrade(database)


def _show_first_key(service: Service) -> None:
    from api.services.access.first_key import first_key
    from api.store.audit import refuse_read_only

    with service.database.writing() as session:
        refuse_read_only(session)
        first = first_key(session, service.settings)
    if first is not None:
        # Not to the log, which is kept.
        output().print(
            f"The administrator's key, which is not shown again:\n  {first.key}\n"
            f"A link that signs a browser in with it, once:\n  {first.link}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
