"""Whether the service is there."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Given


class Health(Given):
    """What anybody may know."""

    status: str
    version: str
    database: str | None = Field(default=None, description="its kind, version and journal")
    schema_revision: str | None = Field(default=None, description="of the database's tables")
