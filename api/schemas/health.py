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


class Home(Given):
    """What is where, for who has only the server's name."""

    name: str
    version: str
    api: str = Field(description="how the API's addresses begin")
    description: str = Field(description="of the API, for programs (OpenAPI)")
    health: str
    session: str = Field(description="who is signed in")
    sign_in: str = Field(description="where a browser signs in with a key")
