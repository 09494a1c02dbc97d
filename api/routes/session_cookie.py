"""The cookies that keep a browser signed in, or on its way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Response

    from api.settings import Settings

SESSION, WAY_IN = "fairlead", "fairlead-sign-in"
HOST = "__Host-"
"""A browser takes such a cookie only as Secure, of Path=/ and without Domain, so that no other
host, and no http, can set it (RFC 6265bis, section 4.1.3.2)."""


def cookie_name(settings: Settings, name: str) -> str:
    """Return what a cookie is called."""
    return f"{HOST}{name}" if settings.secure_cookies else name


def set_cookie(
    response: Response, settings: Settings, name: str, secret: str, seconds: float
) -> None:
    """Give a browser a secret that no script sees and no other site's form or frame sends."""
    response.set_cookie(
        cookie_name(settings, name),
        secret,
        max_age=round(seconds),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        # Strict would keep it from who comes by a link, or back from the identity provider.
        samesite="lax",
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    """Take a secret from a browser."""
    response.delete_cookie(
        cookie_name(settings, name),
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
