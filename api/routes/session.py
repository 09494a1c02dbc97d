"""/v1/session: who asks, and signing out"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.errors import ConflictError
from api.routes.callers import known_of
from api.routes.one_turn import OneTurn
from api.routes.requests import ServiceOf
from api.routes.session_cookie import SESSION, drop_cookie
from api.schemas.sign_in import SessionGiven
from api.services.access.recognize import Known
from api.services.access.session_given import session_given
from api.services.access.sessions import end_session

router = APIRouter(prefix="/v1/session", tags=["sign-in"], route_class=OneTurn)


async def somebody(request: Request) -> Known:
    """Return who asks, and how they are known."""
    return known_of(request)


Somebody = Annotated[Known, Depends(somebody)]


@router.get("")
def get(found: Somebody) -> SessionGiven:
    """Tell who asks and what they may, and the token that changes from a browser must carry."""
    return session_given(found)


@router.delete("", status_code=204)
def delete(found: Somebody, service: ServiceOf, response: Response) -> None:
    """Sign a browser out, at once."""
    if found.signed_in is None:
        raise ConflictError(
            f"you show a {found.shown.way}, and have no session to end; a key is ended at /v1/keys"
        )
    with service.database.writing() as session:
        end_session(session, found.shown.secret, found.who)
    drop_cookie(response, service.settings, SESSION)
