"""/v1/sign-in, /sign-in: a browser's ways in, each of which ends with a session of its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from api.routes.callers import host_of
from api.routes.one_turn import OneTurn
from api.routes.requests import ServiceOf
from api.routes.session_cookie import SESSION, WAY_IN, cookie_name, drop_cookie, set_cookie
from api.schemas.sign_in import SessionGiven, SignIn, Way
from api.services.access.credential import Credential
from api.services.access.failures import failures_counted
from api.services.access.keys import principal_of_row, valid_key
from api.services.access.links import key_of_link
from api.services.access.oidc.code_flow import begin, client_id_of, finish, remembered
from api.services.access.oidc.provider import Provider
from api.services.access.recognize import Known
from api.services.access.session_given import session_given
from api.services.access.sessions import end_former, session_of, start_session
from api.services.service import Service

router = APIRouter(tags=["sign-in"], route_class=OneTurn)

HOME = "/"
Secret = Annotated[str, Query(min_length=1, max_length=200)]


@router.post("/v1/sign-in", status_code=201)
def post(new: SignIn, request: Request, response: Response, service: ServiceOf) -> SessionGiven:
    """Sign a browser in with a key."""
    _refuse_other_sites(request)
    settings = service.settings
    with (
        failures_counted(service.database, host_of(request)),
        service.database.writing() as session,
    ):
        key = valid_key(session, new.key)
        who = principal_of_row(key)
        end_former(session, _former(request, service))
        secret = start_session(session, who, key, settings, "key")
        signed_in = session_of(session, secret, settings)
    _keep(response, service, secret)
    return session_given(Known(who, Credential(Way.SESSION, secret), signed_in))


@router.get("/sign-in", status_code=303, response_class=RedirectResponse)
def get(token: Secret, request: Request, service: ServiceOf) -> RedirectResponse:
    """Sign a browser in with a one-time link."""
    _refuse_other_sites(request)
    with (
        failures_counted(service.database, host_of(request)),
        service.database.writing() as session,
    ):
        key = key_of_link(session, token)
        end_former(session, _former(request, service))
        secret = start_session(session, principal_of_row(key), key, service.settings, "link")
    return _arrived(service, secret)


@router.get("/sign-in/oidc", status_code=303, response_class=RedirectResponse)
def oidc(service: ServiceOf) -> RedirectResponse:
    """Send a browser to the identity provider."""
    provider = _provider(service)
    client_id_of(provider)
    # Before the transaction: the provider may be slow, and others wait for the database.
    authorization = provider.endpoints().authorization
    with service.database.writing() as session:
        begun = begin(session, provider, authorization)
    response = RedirectResponse(begun.url, 303)
    seconds = 60 * service.settings.sign_in_minutes
    set_cookie(response, service.settings, WAY_IN, begun.binding, seconds)
    return response


@router.get("/sign-in/oidc/callback", status_code=303, response_class=RedirectResponse)
def callback(
    request: Request,
    service: ServiceOf,
    state: Secret,
    code: Annotated[str | None, Query(min_length=1, max_length=4096)] = None,
    error: Annotated[str | None, Query(max_length=200)] = None,
    iss: Annotated[str | None, Query(max_length=2000)] = None,
) -> RedirectResponse:
    """Take a browser back from the identity provider, and sign it in."""
    provider = _provider(service)
    with failures_counted(service.database, host_of(request)):
        binding = request.cookies.get(cookie_name(service.settings, WAY_IN))
        with service.database.writing() as session:
            data = remembered(session, state, binding)
        # RFC 9207: the answer of another provider must not be taken for this one's.
        if iss is not None and iss != provider.issuer:
            raise UnauthenticatedError("another identity provider has answered; sign in again")
        if code is None:
            raise UnauthenticatedError(
                f"the identity provider did not sign you in: {error or 'it gave no code'!r}; sign "
                "in again"
            )
        who = finish(provider, data, code)
    with service.database.writing() as session:
        end_former(session, _former(request, service))
        secret = start_session(session, who, None, service.settings, "oidc")
    response = _arrived(service, secret)
    drop_cookie(response, service.settings, WAY_IN)
    return response


def _provider(service: Service) -> Provider:
    if service.provider is None:
        raise NotFoundError("there is no identity provider here; sign in with a key")
    return service.provider


def _refuse_other_sites(request: Request) -> None:
    # Else another site could sign its visitors in as somebody who then reads what they do
    # (login CSRF). A browser tells where a request comes from (W3C Fetch Metadata), and says `none`
    # of what is typed or opened from outside of it.
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ForbiddenError(
            "another site asked to sign you in; open the link from the address bar, or sign in "
            "here with a key"
        )


def _former(request: Request, service: Service) -> str | None:
    return request.cookies.get(cookie_name(service.settings, SESSION))


def _keep(response: Response, service: Service, secret: str) -> None:
    set_cookie(response, service.settings, SESSION, secret, 3600 * service.settings.session_hours)


def _arrived(service: Service, secret: str) -> RedirectResponse:
    response = RedirectResponse(HOME, 303)
    _keep(response, service, secret)
    return response
