"""Whether the service is there."""

from __future__ import annotations

from fastapi import APIRouter

import models
from api.routes.requests import Reading
from api.schemas.health import Health
from api.store.dialect import describe

router = APIRouter(tags=["health"])


@router.get("/health")
def health() -> Health:
    """Tell that the server answers."""
    return Health(status="ok", version=models.__version__)


@router.get("/health/ready")
def ready(session: Reading) -> Health:
    """Tell that the server can work: its database answers."""
    return Health(status="ok", version=models.__version__, database=describe(session))
