"""Who asks: a key, an identity provider's token, or a browser's session; never two at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from fastapi import BackgroundTasks, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import ForbiddenError, UnauthenticatedError
from api.routes.access import NEEDS, WHOLE, is_open, name_of
from api.routes.session_cookie import SESSION, cookie_name
from api.schemas.sign_in import Way
from api.services.access.credential import Credential, credential_of
from api.services.access.failures import failures_counted
from api.services.access.recognize import Known, recognize, recognized_lately, write_use
from api.services.access.sessions import csrf_fits

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from api.services.access.principal import Principal
    from api.services.service import Service
    from api.settings import Settings

BEARER = HTTPBearer(auto_error=False, description="an API key, or an identity provider's token")
SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing, so that another site's asking for them does no harm."""
CSRF_HEADER = "X-CSRF-Token"


# What only looks at the request is `async`, so that it costs no turn in the pool of threads.
async def service_of(request: Request) -> Service:
    """Return the installation that a request is for."""
    return cast("Service", request.app.state.service)


def shown_by(connection: HTTPConnection, settings: Settings) -> Credential | None:
    """Return what a request shows, if anything; UnauthenticatedError if it cannot be read."""
    cookie = connection.cookies.get(cookie_name(settings, SESSION))
    return credential_of(connection.headers.getlist("authorization"), cookie)


def host_of(connection: HTTPConnection) -> str | None:
    """Return the address that a request comes from."""
    return None if connection.client is None else connection.client.host


def found_by(connection: HTTPConnection, service: Service) -> Known:
    """Return who sends a request.

    Raises
    ------
    UnauthenticatedError : nobody who is known
    TooOftenError : nobody, and their address has shown too many wrong keys
    ForbiddenError, UnavailableError : the identity provider gives them no role, or is away
    """
    with failures_counted(service.database, host_of(connection)):
        shown = shown_by(connection, service.settings)
        # A session that is over is no wrong key: every browser shows one some day.
        if shown is not None and shown.way is not Way.SESSION:
            return recognize(service, shown)
    if shown is None:
        raise UnauthenticatedError(
            "nobody is signed in; send an API key, as `Authorization: Bearer flk_...`, or sign in"
        )
    return recognize(service, shown)


async def recognized(
    request: Request,
    background: BackgroundTasks,
    _described: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
) -> None:
    """Find out who asks, once and before all else, unless the route is open to anybody: see
    `known_of`.

    Raises
    ------
    UnauthenticatedError : nobody who is known
    TooOftenError : their address has shown too many wrong keys
    ForbiddenError : they have none of the route's rights, or are limited to a part of the company;
        or it is a change of a session, without its token
    """
    service = await service_of(request)
    name = name_of(request.scope["route"], request.method)
    if is_open(name, service.settings):
        return
    found = _lately(request, service)
    if found is None:
        found = await run_in_threadpool(found_by, request, service)
    request.state.caller = found.who.id
    session, token = found.signed_in, request.headers.get(CSRF_HEADER, "")
    if session is not None and request.method not in SAFE and not csrf_fits(session, token):
        raise ForbiddenError(
            f"a change from a browser must carry its session's token as {CSRF_HEADER}; read it at "
            "GET /v1/session"
        )
    if found.unwritten:
        background.add_task(write_use, service, found.shown)
    _refuse_without_right(name, found.who)
    request.state.known = found


def known_of(request: Request) -> Known:
    """Return who asks, on a route that is not open to anybody."""
    found: Known | None = getattr(request.state, "known", None)
    if found is None:
        raise UnauthenticatedError("this route is for callers who are known")
    return found


def is_recognized(request: Request) -> bool:
    """Return whether it was found out who asks."""
    return hasattr(request.state, "known")


def _lately(request: Request, service: Service) -> Known | None:
    try:
        shown = shown_by(request, service.settings)
    except UnauthenticatedError:
        # It is told, and counted, where it is looked up.
        return None
    return None if shown is None else recognized_lately(service, shown)


def _refuse_without_right(route: str, who: Principal) -> None:
    needed = NEEDS[route]
    if not needed & who.rights:
        names = " or ".join(sorted(needed))
        raise ForbiddenError(
            f"the role {who.role} of {who.name!r} may not do this: it has no right to {names}"
        )
    if route in WHOLE and who.is_limited:
        raise ForbiddenError(
            "this concerns the whole company, and you are limited to some of its teams or regions; "
            "use a key without such limits"
        )
