"""An identity provider of the tests' own: a real server with real keys, and its users."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIENCE, CLIENT_ID, CLIENT_SECRET = "https://fairlead.example", "fairlead", "a secret"
MINUTE = 60


def now() -> float:
    """Return the time that tokens tell, in seconds."""
    return time.time()  # noqa: TID251  a token says when it was made


@dataclass
class Issuer:
    """What the provider knows.

    Attributes
    ----------
    keys : by their names; jwks : what it tells of them
    codes : what was promised for each code that it gave
    asked : paths that were asked for, in order
    broken : whether it answers nothing but errors; gate : closed, it does not answer at all
    """

    keys: dict[str, Any] = field(default_factory=dict)
    jwks: list[dict[str, Any]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    algorithm: str = "RS256"
    claims: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)

    def add_key(self, name: str) -> None:
        """Make a key, and tell of it."""
        if self.algorithm == "ES256":
            key: Any = ec.generate_private_key(ec.SECP256R1())
            told = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        else:
            key = rsa.generate_private_key(65537, 2048)
            told = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
        self.keys[name] = key
        self.jwks.append({**told, "kid": name, "use": "sig"})

    def payload(self, later: float = 0, **claims: Any) -> dict[str, Any]:
        """Return what a token of a planner says, made so many seconds later than now.

        A claim that is None is left out.
        """
        moment = now() + later
        told = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "u-17",
            "iat": int(moment),
            "exp": int(moment) + 5 * MINUTE,
            "name": "Ann Ames",
            "roles": ["staff", "sales-ops"],
            **claims,
        }
        return {name: value for name, value in told.items() if value is not None}

    def token(self, payload: dict[str, Any], kid: str = "one", **headers: Any) -> str:
        """Return a token, signed as the provider signs."""
        told = {"kid": kid, **headers}
        return jwt.encode(payload, self.keys[kid], algorithm=self.algorithm, headers=told)

    def authorize(self, url: str) -> dict[str, str]:
        """Sign a user in as a browser would be; return what the callback is asked with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchange(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """Return what a code is answered."""
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        if (
            asked is None
            or authorization != f"Basic {basic}"
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return {"error": "invalid_grant"}
        told = {"aud": CLIENT_ID, "nonce": asked["nonce"], **self.claims}
        return {"id_token": self.token(self.payload(**told)), "token_type": "Bearer"}


@contextmanager
def running(algorithm: str = "RS256") -> Iterator[Issuer]:
    """Give a provider that answers on this machine."""
    issuer = Issuer(algorithm=algorithm)
    issuer.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            issuer.gate.wait(10)
            paths: dict[str, Any] = {
                "/.well-known/openid-configuration": {
                    "issuer": issuer.url,
                    "authorization_endpoint": f"{issuer.url}/authorize",
                    "token_endpoint": f"{issuer.url}/token",
                    "jwks_uri": f"{issuer.url}/jwks",
                    **issuer.described,
                },
                "/jwks": {"keys": issuer.jwks},
            }
            self._tell(500 if issuer.broken else 200, paths.get(self.path, {}))

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            read = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(read).items()}
            told = issuer.exchange(form, self.headers.get("Authorization", ""))
            self._tell(400 if "error" in told else 200, told)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def _tell(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    issuer.add_key("one")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
