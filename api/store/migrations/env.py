"""Alembic's entry: it loads this file, for each migration anew, with the connection to use."""

from __future__ import annotations

from alembic import context

import api.store.tables  # noqa: F401  each table is known once its class is
from api.store.columns import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    # SQLite alters a table only by making it anew.
    render_as_batch=True,
)
context.run_migrations()
