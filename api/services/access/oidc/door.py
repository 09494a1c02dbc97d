"""The one door to the identity provider: only its hosts, only over https, never redirected."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from api.errors import UnavailableError
from models.errors import UsageError

if TYPE_CHECKING:
    from api.settings import Settings
    from api.store.columns import Json

SECONDS = 5.0
MOST_BYTES = 1 << 20
OK = frozenset({200})
REFUSALS = frozenset({200, 400, 401})
"""A form that is refused is answered in JSON too (RFC 6749, section 5.2)."""


@dataclass(frozen=True)
class Door:
    """Asks an identity provider.

    Attributes
    ----------
    hosts : which may be asked
    on_loopback : whether this machine may be asked, without https
    """

    hosts: frozenset[str]
    on_loopback: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Door:
        """Return the door that settings open; UsageError if an address of theirs cannot be."""
        urls = [url for url in (settings.oidc_issuer, settings.oidc_jwks_url) if url is not None]
        hosts = {urlsplit(url).hostname or "" for url in urls}
        door = cls(frozenset(hosts | set(settings.oidc_hosts)), settings.oidc_on_loopback)
        for url in urls:
            fault = door.fault_of(url)
            if fault is not None:
                raise UsageError(f"FAIRLEAD_OIDC_ISSUER or _JWKS_URL: {fault}")
        return door

    def fault_of(self, url: str) -> str | None:
        """Return why an address may not be asked; None if it may."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host not in self.hosts:
            return (
                f"{host!r} is no host of the identity provider; allowed are "
                f"{', '.join(sorted(self.hosts))}; add it to FAIRLEAD_OIDC_HOSTS if it is one"
            )
        if parts.username is not None or parts.password is not None or parts.fragment:
            return f"the address of {host} has a user, a password or a fragment; leave them out"
        if _is_link(host):
            return f"{host} is an address of this machine's network link; name the provider's host"
        here = _is_here(host)
        if here and not self.on_loopback:
            return f"{host} is this machine; name the provider's own host"
        if parts.scheme != "https" and not (here and parts.scheme == "http"):
            return f"the address of {host} begins with {parts.scheme!r}; it must be https"
        return None

    def get(self, url: str) -> Json:
        """Return the JSON object at an address; UnavailableError if there is none."""
        return self._ask("GET", url)

    def post(self, url: str, body: str, headers: dict[str, str]) -> Json:
        """Return the JSON object that a form is answered; UnavailableError if it is none."""
        return self._ask("POST", url, body, headers)

    def _ask(
        self, method: str, url: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> Json:
        fault = self.fault_of(url)
        if fault is not None:
            raise UnavailableError(f"the identity provider cannot be asked: {fault}")
        host = urlsplit(url).hostname
        try:
            with (
                httpx2.Client(timeout=SECONDS, follow_redirects=False) as client,
                client.stream(method, url, content=body, headers=headers) as response,
            ):
                return _object(_read(response, REFUSALS if method == "POST" else OK))
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
            told = str(error).partition("\n")[0][:200] or type(error).__name__
            raise UnavailableError(
                f"the identity provider at {host} does not answer: {told}"
            ) from (error)


def _read(response: httpx2.Response, statuses: frozenset[int]) -> bytes:
    if response.status_code not in statuses:
        raise ValueError(f"its status is {response.status_code}")
    read = b""
    for piece in response.iter_bytes():
        read += piece
        if len(read) > MOST_BYTES:
            raise ValueError(f"its answer is larger than {MOST_BYTES} bytes")
    return read


def _object(read: bytes) -> Json:
    told = json.loads(read)
    if not isinstance(told, dict):
        raise ValueError("its answer is no object of JSON")
    return told


def _is_here(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _is_link(host: str) -> bool:
    # Where clouds tell a machine its own secrets.
    address = _address(host)
    return address is not None and (address.is_link_local or address.is_unspecified)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
