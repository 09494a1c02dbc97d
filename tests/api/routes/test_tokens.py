"""Tokens of an identity provider: the right one is taken, and every kind of wrong one is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import delete

from api.routes.app import make_app
from api.services.access.oidc.key_set import FIRST_PAUSE_SECONDS, KEPT_SECONDS, PAUSE_SECONDS
from api.store.tables import LoginFailureRow
from models.errors import UsageError
from tests.api.routes.trust import trusting_service
from tests.api.services.access.issuer import AUDIENCE, CLIENT_ID, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response

    from api.services.service import Service
    from tests.api.routes.trust import Clock
    from tests.api.services.access.issuer import Issuer

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)


@pytest.fixture
def client(trusting: Service) -> TestClient:
    return TestClient(make_app(trusting), raise_server_exceptions=False)


def shown(client: TestClient, token: str) -> Response:
    answer: Response = client.get("/v1/session", headers={"Authorization": f"Bearer {token}"})
    return answer


def test_a_key_and_a_token_of_one_person(trusting: Service, issuer: Issuer) -> None:
    """A subject tells who it is, and an e-mail address unless it is called unverified."""
    assert trusting.provider is not None
    names = ("oidc:u-17", "Ann@acme.test")
    for claims, known in (
        ({"email": "ann@ACME.test"}, (True, True)),
        ({"email": "ann@acme.test", "email_verified": True}, (True, True)),
        ({"email": "ann@acme.test", "email_verified": False}, (True, False)),
        ({"email": ["ann@acme.test"]}, (True, False)),
        ({}, (True, False)),
        ({"sub": "u-18", "email": "ann@acme.test"}, (False, True)),
    ):
        token = issuer.token(issuer.payload(**claims))
        who = trusting.provider.principal_of_token(token)
        assert tuple(who.is_same_person([name]) for name in names) == known, claims


@pytest.mark.parametrize("issuer", ["RS256", "ES256"], indirect=True)
def test_a_right_token_is_taken(client: TestClient, issuer: Issuer) -> None:
    told = shown(client, issuer.token(issuer.payload()))
    assert told.status_code == 200, told.text
    assert (told.json()["name"], told.json()["role"], told.json()["way"]) == (
        "Ann Ames",
        "planner",
        "token",
    )
    several = issuer.token(issuer.payload(aud=["other", AUDIENCE]))
    assert shown(client, several).status_code == 200
    # The provider is asked once, and not for each token.
    assert issuer.asked == ["/.well-known/openid-configuration", "/jwks"]


def part(value: Any) -> str:
    """Return a part of a token, as JSON in base64."""
    told = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def public_pem(issuer: Issuer) -> bytes:
    key: bytes = (
        issuer.keys["one"]
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return key


def with_hmac(issuer: Issuer, secret: bytes, **headers: Any) -> str:
    """Return a token that is signed with a secret that everybody knows."""
    head = {"alg": "HS256", "typ": "JWT", "kid": "one", **headers}
    signed = f"{part(head)}.{part(issuer.payload())}"
    return f"{signed}.{part(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def with_own_key(issuer: Issuer, **headers: Any) -> str:
    """Return a token that is signed with a stranger's key, and tells where that is."""
    key = rsa.generate_private_key(65537, 2048)
    own = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    told = {name: own if value is OWN else value for name, value in headers.items()}
    payload = issuer.payload()
    return jwt.encode(payload, key, algorithm="RS256", headers={"kid": "one", **told})


def claiming(**claims: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token(issuer.payload(**claims))


def headed(**headers: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token(issuer.payload(), **headers)


def at(seconds: float, **claims: Any) -> Callable[[Issuer], str]:
    """Return what makes a token as it would be made at another time."""

    def made(issuer: Issuer) -> str:
        told = {name: now() + later for name, later in claims.items()}
        return issuer.token(issuer.payload(seconds, **told))

    return made


def unsigned(issuer: Issuer, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': 'one'})}.{part(issuer.payload())}."


def altered(issuer: Issuer, claim: str, value: Any) -> str:
    head, _, signature = issuer.token(issuer.payload()).split(".")
    return f"{head}.{part(issuer.payload(**{claim: value}))}.{signature}"


def with_elliptic_key(issuer: Issuer) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    payload = issuer.payload()
    return jwt.encode(payload, key, algorithm="ES256", headers={"kid": "one"})


def cut(issuer: Issuer, count: int) -> str:
    return ".".join(issuer.token(issuer.payload()).split(".")[:count])


def of_another_length(issuer: Issuer) -> str:
    payload = issuer.payload()
    return jwt.encode(payload, issuer.keys["one"], algorithm="RS512", headers={"kid": "one"})


OWN = object()
WRONG: dict[str, Callable[[Issuer], str]] = {
    "alg none": lambda issuer: unsigned(issuer, "none"),
    "alg None": lambda issuer: unsigned(issuer, "None"),
    "alg empty": lambda issuer: unsigned(issuer, ""),
    "alg of another length": of_another_length,
    "alg of another kind": with_elliptic_key,
    "public key as HMAC secret": lambda issuer: with_hmac(issuer, public_pem(issuer)),
    "JWK as HMAC secret": lambda issuer: with_hmac(issuer, json.dumps(issuer.jwks[0]).encode()),
    "modulus as HMAC secret": lambda issuer: with_hmac(issuer, issuer.jwks[0]["n"].encode()),
    "empty HMAC secret": lambda issuer: with_hmac(issuer, b""),
    "own key": with_own_key,
    "own key in jwk": lambda issuer: with_own_key(issuer, jwk=OWN),
    "own key at jku": lambda issuer: with_own_key(issuer, jku="https://evil.example/jwks"),
    "own key at x5u": lambda issuer: with_own_key(issuer, x5u="https://evil.example/x.pem"),
    "own key in x5c": lambda issuer: with_own_key(issuer, x5c=["MIIB"]),
    "right key and jku": headed(jku="https://evil.example/jwks"),
    "unknown crit": headed(crit=["tenant"], tenant="x"),
    "crit empty": headed(crit=[]),
    "compressed": headed(zip="DEF"),
    "kid unknown": lambda issuer: with_own_key(issuer, kid="two"),
    "kid as a path": lambda issuer: with_own_key(issuer, kid="../../../dev/null"),
    "kid as SQL": lambda issuer: with_own_key(issuer, kid="' OR 1=1 --"),
    "kid as a URL": lambda issuer: with_own_key(issuer, kid="https://evil.example/jwks"),
    "kid a number": lambda issuer: f"{part({'alg': 'RS256', 'kid': 1})}.{part({})}.{part(b'x')}",
    "no kid": lambda issuer: f"{part({'alg': 'RS256'})}.{part({})}.{part(b'x')}",
    "aud of another": claiming(aud="https://other.example"),
    "aud of the sign-in": claiming(aud=CLIENT_ID),
    "aud a prefix": claiming(aud=AUDIENCE + ".evil.example"),
    "no aud": claiming(aud=None),
    "iss of another": claiming(iss="https://evil.example"),
    "iss with a slash": lambda issuer: claiming(iss=issuer.url + "/")(issuer),
    "no iss": claiming(iss=None),
    "no exp": claiming(exp=None),
    "no iat": claiming(iat=None),
    "no sub": claiming(sub=None),
    "sub empty": claiming(sub=""),
    "sub too long": claiming(sub="x" * 300),
    "sub a number": claiming(sub=17),
    "exp no number": claiming(exp="tomorrow"),
    "expired": at(-3600),
    "expired by two minutes": at(-420),
    "future iat": at(3600),
    "future nbf": at(0, nbf=3600),
    "a claim altered": lambda issuer: altered(issuer, "sub", "u-1"),
    "a role altered": lambda issuer: altered(issuer, "roles", ["admin"]),
    "no signature": lambda issuer: cut(issuer, 2) + ".",
    "two parts": lambda issuer: cut(issuer, 2),
    "one part": lambda issuer: cut(issuer, 1),
    "five parts": lambda issuer: cut(issuer, 3) + ".a.b",
    "8 KB": claiming(filler="x" * 8192),
    "deep": lambda _issuer: f"{part(b'[' * 5000)}.{part({})}.{part(b'x')}",
    "no JSON": lambda _issuer: f"{part(b'x')}.{part(b'y')}.{part(b'z')}",
    "a list": lambda _issuer: f"{part([])}.{part([])}.{part(b'z')}",
    "not base64": lambda _issuer: "a.b.c",
}


def test_every_wrong_token_is_refused(
    client: TestClient, issuer: Issuer, trusting: Service
) -> None:
    assert len(WRONG) >= 30
    told = {}
    for name, make in WRONG.items():
        token = make(issuer)
        answer = shown(client, token)
        told[name] = answer.status_code
        assert token not in answer.text
        # The count of wrong keys has its own test.
        with trusting.database.writing() as session:
            session.execute(delete(LoginFailureRow))
    assert told == dict.fromkeys(WRONG, 401)
    # Nothing that a token named was ever asked for.
    assert set(issuer.asked) == {"/.well-known/openid-configuration", "/jwks"}
    assert len(issuer.asked) == 2


def test_a_megabyte_is_refused_before_it_is_looked_at(client: TestClient, issuer: Issuer) -> None:
    assert shown(client, claiming(filler="x" * 1_000_000)(issuer)).status_code in (401, 431)
    assert issuer.asked == []


def test_keys_are_rotated(client: TestClient, issuer: Issuer, clock: Clock) -> None:
    old = issuer.token(issuer.payload())
    assert shown(client, old).status_code == 200
    issuer.add_key("two")
    new = issuer.token(issuer.payload(), "two")
    # Names that nobody knows do not make the provider be asked again and again.
    for _ in range(5):
        assert shown(client, new).status_code == 401
    assert issuer.asked.count("/jwks") == 1
    clock.seconds += PAUSE_SECONDS
    assert shown(client, new).status_code == 200
    assert issuer.asked.count("/jwks") == 2
    assert shown(client, old).status_code == 200
    # A key that the provider no longer names is over in time.
    issuer.jwks.pop(0)
    clock.seconds += KEPT_SECONDS
    assert shown(client, old).status_code == 401
    assert shown(client, new).status_code == 200


def test_a_provider_that_is_away(client: TestClient, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(issuer.payload())
    issuer.broken = True
    for _ in range(3):
        told = shown(client, token)
        assert (told.status_code, told.json()["code"]) == (503, "unavailable")
    assert issuer.asked == ["/.well-known/openid-configuration"]
    issuer.broken = False
    clock.seconds += FIRST_PAUSE_SECONDS
    assert shown(client, token).status_code == 200
    issuer.broken = True
    clock.seconds += KEPT_SECONDS
    assert shown(client, token).status_code == 200


def test_keys_that_must_not_be_believed(client: TestClient, issuer: Issuer) -> None:
    """A secret, a short key, one for other uses, and nonsense among the provider's keys."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505  the short key is the point
    issuer.keys["short"] = short
    issuer.jwks += [
        {**RSAAlgorithm.to_jwk(short.public_key(), as_dict=True), "kid": "short"},
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"},
        {**issuer.jwks[0], "kid": "other-use", "use": "enc"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": 3},
        {"kid": 3},
    ]
    issuer.keys["other-use"] = issuer.keys["one"]
    payload = issuer.payload()
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        assert shown(client, issuer.token(payload, "short")).status_code == 401
    assert shown(client, issuer.token(payload, "other-use")).status_code == 401
    assert shown(client, with_hmac(issuer, b"secret", kid="secret")).status_code == 401
    assert shown(client, issuer.token(payload)).status_code == 200


def test_roles_and_limits_come_from_claims(service: Service, issuer: Issuer, clock: Clock) -> None:
    claims = {"oidc_teams_claim": "teams", "oidc_regions_claim": "regions"}
    app = make_app(trusting_service(service, issuer, clock, **claims))
    client = TestClient(app, raise_server_exceptions=False)

    def told(**claims: Any) -> dict[str, Any]:
        answer = shown(client, issuer.token(issuer.payload(**claims)))
        known = ("role", "teams", "regions", "rep_id")
        given = answer.json()
        return {"status": answer.status_code, **{name: given.get(name) for name in known}}

    nothing: dict[str, Any] = {"teams": [], "regions": [], "rep_id": None}
    assert told() == {"status": 200, "role": "planner", **nothing}
    assert told(teams=["east"], regions="*")["teams"] == ["east"]
    assert told(teams=["east"], regions="*")["regions"] is None
    assert told(roles="everybody")["role"] == "viewer"
    # The first of the settings' values counts, in whatever order a token lists them.
    assert told(roles=["everybody", "sales-ops"])["role"] == "planner"
    assert told(roles=["seller"], rep_id="R1")["rep_id"] == "R1"
    for wrong in (["admin"], [], "planner", None, {"sales-ops": True}, 3):
        assert told(roles=wrong)["status"] == 403, wrong
    for wrong_rep in (None, "", 3, "x" * 300):
        assert told(roles=["seller"], rep_id=wrong_rep)["status"] == 403, wrong_rep


UNSAFE: list[tuple[dict[str, Any], str]] = [
    ({"oidc_on_loopback": False}, "this machine"),
    ({"oidc_issuer": "http://id.example"}, "must be https"),
    ({"oidc_issuer": "https://user:x@id.example"}, "a user, a password"),
    ({"oidc_jwks_url": "https://169.254.169.254/keys"}, "network link"),
    ({"oidc_jwks_url": "file:///etc/passwd"}, "must be https"),
    ({"oidc_roles": {}}, "OIDC_ROLES"),
    ({"oidc_audience": None, "oidc_client_id": None}, "AUDIENCE"),
]
ELSEWHERE: list[dict[str, Any]] = [
    {"issuer": "https://evil.example"},
    {"jwks_uri": "https://evil.example/jwks"},
    {"jwks_uri": "http://169.254.169.254/latest"},
    {"jwks_uri": None},
    {"token_endpoint": "file:///etc/passwd"},
]


def test_settings_that_would_not_be_safe(service: Service, issuer: Issuer, clock: Clock) -> None:
    for wrong, told in UNSAFE:
        with pytest.raises(UsageError, match=told):
            trusting_service(service, issuer, clock, **wrong)


def test_a_description_that_leads_elsewhere_is_not_followed(
    client: TestClient, issuer: Issuer, clock: Clock
) -> None:
    token = issuer.token(issuer.payload())
    for described in ELSEWHERE:
        issuer.described = described
        assert shown(client, token).status_code == 503, described
        clock.seconds += PAUSE_SECONDS
    assert set(issuer.asked) == {"/.well-known/openid-configuration"}
    assert len(issuer.asked) == len(ELSEWHERE)
