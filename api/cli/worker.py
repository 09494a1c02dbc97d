"""`fairlead worker`: one more worker."""

from __future__ import annotations

import os
import sys

from api.cli.installation import DataDir, existing_database, settings_of


def worker(data: DataDir = None) -> None:
    """Perform runs of an installation that is served elsewhere, until Ctrl-C or SIGTERM.

    With PostgreSQL it may be on any machine; with SQLite, on the server's. The run that is under
    way is then handed back.

    Example: [bold]FAIRLEAD_DATABASE_URL=postgresql://... fairlead worker[/]
    """
    from api.cli.worker_process import MODULE, environment_of
    from api.store.audit import refuse_read_only

    settings = settings_of(data)
    with existing_database(data) as database:
        # Every run changes it: who may not is told now, not run by run.
        with database.writing() as session:
            refuse_read_only(session)
        environment = environment_of(settings)
    # This process becomes the worker: what the command line has loaded is not needed any more.
    os.execve(sys.executable, [sys.executable, "-P", "-m", MODULE], environment)  # noqa: S606
