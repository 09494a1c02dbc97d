"""Whole tables of the service, as frames."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import pandas as pd

from api.services.tables.formats import Format

if TYPE_CHECKING:
    from api.client.connection import Connection


def fetch_table(connection: Connection, path: str, **params: Any) -> pd.DataFrame:
    """Return a table of which pages would be many."""
    headers = {"Accept": Format.PARQUET}
    told = connection.request("GET", path, params=params, headers=headers)
    return pd.read_parquet(BytesIO(told.content))
