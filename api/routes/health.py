"""Whether the service is there, and what is where."""

from __future__ import annotations

from fastapi import APIRouter

import models
from api.errors import UnavailableError
from api.routes.one_turn import OneTurn
from api.routes.requests import Reading
from api.schemas.health import Health, Home
from api.store.dialect import describe
from api.store.revision import NEWEST_REVISION, revision_of, way_out

router = APIRouter(tags=["health"], route_class=OneTurn)


@router.get("/")
async def home() -> Home:
    """Tell what is where: a sign-in leads here, and there are no pages yet."""
    return Home(
        name="Fairlead",
        version=models.__version__,
        api="/v1",
        description="/openapi.json",
        health="/health",
        session="/v1/session",
        sign_in="/v1/sign-in",
    )


# Without a thread of the pool, so that it answers also when all of them are at work.
@router.get("/health")
async def health() -> Health:
    """Tell that the server answers."""
    return Health(status="ok", version=models.__version__)


@router.get("/health/ready")
def ready(session: Reading) -> Health:
    """Tell that the server can work: its database answers, and has the tables that it needs."""
    revision = revision_of(session)
    if revision != NEWEST_REVISION:
        raise UnavailableError(
            f"the database's tables are at revision {revision}, and this version of Fairlead needs "
            f"{NEWEST_REVISION}; {way_out(revision)}"
        )
    return Health(
        status="ok",
        version=models.__version__,
        database=describe(session),
        schema_revision=revision,
    )
