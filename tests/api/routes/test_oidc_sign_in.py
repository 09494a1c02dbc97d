"""/sign-in/oidc: a browser's way to the identity provider and back, and all that may go wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from api.routes.app import make_app
from api.store.tables import AuditRow, LoginFailureRow, SessionRow, SignInRow
from tests.api.invariants import broken
from tests.api.services.access.issuer import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from httpx2 import Response

    from api.services.service import Service
    from tests.api.services.access.issuer import Issuer

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
COOKIE, WAY_IN = "__Host-fairlead", "__Host-fairlead-sign-in"


@pytest.fixture
def trusting_app(trusting: Service) -> FastAPI:
    return make_app(trusting)


@pytest.fixture
def browser(trusting_app: FastAPI) -> TestClient:
    return new_browser(trusting_app)


def new_browser(app: FastAPI) -> TestClient:
    return TestClient(
        app, "https://testserver", raise_server_exceptions=False, follow_redirects=False
    )


def begun(browser: TestClient) -> str:
    """Begin a sign-in; return where the browser is sent."""
    told = browser.get("/sign-in/oidc")
    assert told.status_code == 303, told.text
    return str(told.headers["location"])


def back(browser: TestClient, **params: str) -> Response:
    """Come back from the provider."""
    answer: Response = browser.get("/sign-in/oidc/callback", params=params)
    return answer


def test_a_browser_signs_in(browser: TestClient, issuer: Issuer, trusting: Service) -> None:
    url = begun(browser)
    asked = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{issuer.url}/authorize?")
    assert asked["redirect_uri"] == ["http://127.0.0.1:8000/sign-in/oidc/callback"]
    assert asked["client_id"] == [CLIENT_ID]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    told = back(browser, **issuer.authorize(url), iss=issuer.url)
    assert (told.status_code, told.headers["location"]) == (303, "/"), told.text
    me = browser.get("/v1/session").json()
    assert (me["name"], me["role"], me["way"]) == ("Ann Ames", "planner", "session")
    assert WAY_IN not in browser.cookies
    with trusting.database.reading() as session:
        row = session.scalars(select(AuditRow).order_by(AuditRow.number.desc()).limit(1)).one()
        assert (row.actor, row.action, row.detail) == ("oidc:u-17", "signed_in", {"way": "oidc"})
    right = {"X-CSRF-Token": me["csrf_token"]}
    assert browser.delete("/v1/session", headers=right).status_code == 204
    assert browser.get("/v1/session").status_code == 401
    assert broken(trusting.database) == []


def test_nothing_works_twice(browser: TestClient, issuer: Issuer) -> None:
    params = issuer.authorize(begun(browser))
    cookie = browser.cookies[WAY_IN]
    assert back(browser, **params).status_code == 303
    browser.cookies.clear()
    browser.cookies.set(WAY_IN, cookie, domain="testserver.local", path="/")
    assert back(browser, **params).status_code == 401
    # An old code in a new sign-in: the provider has given it away, and its verifier is another.
    fresh = issuer.authorize(begun(browser))
    assert back(browser, state=fresh["state"], code=params["code"]).status_code == 401
    assert COOKIE not in browser.cookies


def test_another_browser_does_not_come_back(
    browser: TestClient, issuer: Issuer, trusting_app: FastAPI
) -> None:
    """Login CSRF: who began a sign-in cannot have somebody else end it."""
    params = issuer.authorize(begun(browser))
    victim = new_browser(trusting_app)
    assert back(victim, **params).status_code == 403
    # Not even one that has begun its own.
    begun(victim)
    assert back(victim, **params).status_code == 403
    assert COOKIE not in victim.cookies
    assert back(browser, **params).status_code == 303


def test_each_sign_in_has_its_own_verifier_nonce_and_state(browser: TestClient) -> None:
    asked = [parse_qs(urlsplit(begun(browser)).query) for _ in range(5)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({query[name][0] for query in asked}) == 5


def other_code(issuer: Issuer, browser: TestClient) -> dict[str, str]:
    """A code that the provider gave for another sign-in (code injection, RFC 9700, 4.5)."""
    other = issuer.authorize(begun(browser))
    own = issuer.authorize(begun(browser))
    return {"state": own["state"], "code": other["code"]}


def claiming(**claims: Any) -> Callable[[Issuer, TestClient], dict[str, str]]:
    def made(issuer: Issuer, browser: TestClient) -> dict[str, str]:
        issuer.claims = claims
        return issuer.authorize(begun(browser))

    return made


def with_params(**params: str) -> Callable[[Issuer, TestClient], dict[str, str]]:
    return lambda issuer, browser: {**issuer.authorize(begun(browser)), **params}


def refused(issuer: Issuer, browser: TestClient) -> dict[str, str]:
    params = issuer.authorize(begun(browser))
    return {"state": params["state"], "error": "access_denied"}


WRONG: dict[str, tuple[Callable[[Issuer, TestClient], dict[str, str]], int]] = {
    "code of another sign-in": (other_code, 401),
    "refused by the provider": (refused, 401),
    "unknown state": (with_params(state="x"), 401),
    "unknown code": (with_params(code="x"), 401),
    "another provider's answer": (with_params(iss="https://evil.example"), 401),
    "state too long": (with_params(state="x" * 201), 422),
    "another nonce": (claiming(nonce="another"), 401),
    "no nonce": (claiming(nonce=None), 401),
    "for another program": (claiming(aud="another"), 401),
    "asked for by nobody": (claiming(aud=[CLIENT_ID, "another"]), 401),
    "of another issuer": (claiming(iss="https://evil.example"), 401),
    "no role": (claiming(roles=["nobody"]), 403),
}


def test_what_is_not_believed_signs_nobody_in(
    browser: TestClient, issuer: Issuer, trusting: Service
) -> None:
    told = {}
    for name, (make, _) in WRONG.items():
        told[name] = back(browser, **make(issuer, browser)).status_code
        assert COOKIE not in browser.cookies
        issuer.claims = {}
        # The count of wrong keys has its own test.
        with trusting.database.writing() as session:
            session.execute(delete(LoginFailureRow))
    assert told == {name: status for name, (_, status) in WRONG.items()}
    with trusting.database.reading() as session:
        assert session.scalars(select(SessionRow)).all() == []
    # The browser may try again.
    assert back(browser, **issuer.authorize(begun(browser))).status_code == 303


def test_a_token_for_several_says_who_asked(browser: TestClient, issuer: Issuer) -> None:
    issuer.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert back(browser, **issuer.authorize(begun(browser))).status_code == 303


def test_a_sign_in_that_takes_too_long_is_over(
    browser: TestClient, issuer: Issuer, trusting: Service
) -> None:
    params = issuer.authorize(begun(browser))
    with trusting.database.writing() as session:
        (row,) = session.scalars(select(SignInRow)).all()
        row.expires_at = row.created_at
    assert back(browser, **params).status_code == 401


def test_a_provider_that_is_away_is_told(browser: TestClient, issuer: Issuer) -> None:
    issuer.broken = True
    told = browser.get("/sign-in/oidc")
    assert (told.status_code, told.json()["code"]) == (503, "unavailable")


def test_nobody_waits_for_a_provider_that_hangs(
    trusting_app: FastAPI, issuer: Issuer, browser: TestClient
) -> None:
    token = {"Authorization": f"Bearer {issuer.token(issuer.payload())}"}
    issuer.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(new_browser(trusting_app).get, "/sign-in/oidc")
        while not issuer.asked:
            assert not first.done()
        assert browser.get("/sign-in/oidc").status_code == 503
        assert browser.get("/v1/session", headers=token).status_code == 503
        assert issuer.asked == ["/.well-known/openid-configuration"]
        issuer.gate.set()
        assert first.result().status_code == 303
    assert begun(browser).startswith(issuer.url)
