"""Signing a browser in: the code flow with PKCE (RFC 6749, 7636, 9700; OpenID Connect Core 3.1)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request

from api.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from api.services.access.keys import hash_of
from api.services.access.links import add_way_in, take_way_in

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.services.access.oidc.provider import Provider
    from api.services.access.principal import Principal
    from api.store.columns import Json

CALLBACK = "/sign-in/oidc/callback"
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


@dataclass(frozen=True)
class Begun:
    """A sign-in that is under way.

    Attributes
    ----------
    url : where the browser goes
    binding : what its cookie holds, so that nobody else's browser can end what this one began
    """

    url: str
    binding: str


def client_id_of(provider: Provider) -> str:
    """Return what the provider calls this server; NotFoundError if browsers do not sign in so."""
    if provider.settings.oidc_client_id is None:
        raise NotFoundError(
            "browsers do not sign in with the identity provider here; sign in with a key"
        )
    return provider.settings.oidc_client_id


def begin(session: Session, provider: Provider, authorization: str) -> Begun:
    """Remember a sign-in, and return where its browser goes.

    Parameters
    ----------
    authorization : the provider's endpoint, found out before the transaction
    """
    binding, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(48)
    data: Json = {"binding": hash_of(binding), "nonce": nonce, "verifier": verifier}
    state = add_way_in(session, provider.settings, data=data)
    client = OAuth2Client(
        None,
        client_id=client_id_of(provider),
        scope=provider.settings.oidc_scopes,
        redirect_uri=callback_of(provider),
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(
        authorization, state=state, code_verifier=verifier, nonce=nonce
    )
    return Begun(str(url), binding)


def callback_of(provider: Provider) -> str:
    """Return where the provider sends browsers back to."""
    return provider.settings.public_url + CALLBACK


def remembered(session: Session, state: str, binding: str | None) -> Json:
    """Use up the sign-in that a browser comes back from; return what was remembered.

    Raises
    ------
    UnauthenticatedError : there is none, it was used, or its time is over
    ForbiddenError : another browser began it
    """
    row = take_way_in(session, state)
    if row is None or row.key_id is not None:
        raise UnauthenticatedError(
            "the sign-in is unknown, was ended, or took too long; begin it again at /sign-in/oidc"
        )
    if not hmac.compare_digest(row.data["binding"], hash_of(binding or "")):
        raise ForbiddenError(
            "another browser began this sign-in; begin it in this one, at /sign-in/oidc"
        )
    return row.data


def finish(provider: Provider, data: Json, code: str) -> Principal:
    """Return who has signed in, as the provider tells for a code.

    Raises
    ------
    UnauthenticatedError : the provider does not take the code, or its token is not believed
    ForbiddenError : it gives no role here
    UnavailableError : it does not answer
    """
    client_id = client_id_of(provider)
    body = prepare_token_request(
        "authorization_code",
        redirect_uri=callback_of(provider),
        code=code,
        code_verifier=data["verifier"],
    )
    secret = provider.settings.oidc_client_secret
    auth = ClientAuth(
        client_id,
        None if secret is None else secret.get_secret_value(),
        "none" if secret is None else "client_secret_basic",
    )
    url, headers, body = auth.prepare(
        "POST", provider.endpoints().token, {"Content-Type": FORM}, body
    )
    told = provider.door.post(url, body, headers)
    token = told.get("id_token")
    if not isinstance(token, str):
        refusal = str(told.get("error", "it gave no id_token"))[:60]
        raise UnauthenticatedError(
            f"the identity provider did not take the code: {refusal!r}; sign in again"
        )
    claims = provider.claims(token, client_id)
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), data["nonce"].encode()):
        raise UnauthenticatedError("the token was made for another sign-in; sign in again")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1:
        _check_party(claims, client_id)
    return provider.principal_of(claims)


def _check_party(claims: Json, client_id: str) -> None:
    # OpenID Connect Core 3.1.3.7: a token for several must say who asked for it.
    if claims.get("azp") != client_id:
        raise UnauthenticatedError("the token was made for another program; sign in again")
