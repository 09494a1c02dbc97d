"""/v1/sign-in, /sign-in, /v1/session: cookies, links, CSRF, expiry."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.routes.app import make_app
from api.services.access.first_key import first_key
from api.services.access.keys import add_key, hash_of
from api.services.access.roles import Role
from api.store.tables import AuditRow, KeyRow, SessionRow, SignInRow
from tests.api.company import POLICY
from tests.api.invariants import broken

if TYPE_CHECKING:
    from fastapi import FastAPI
    from httpx2 import Response

    from api.services.service import Service

ON_SQLITE = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
COOKIE = "__Host-fairlead"
NEW = {"name": "weekly", "text": POLICY}


@pytest.fixture
def browser(app: FastAPI) -> TestClient:
    """Return a client that keeps Secure cookies, and nobody is signed in."""
    return TestClient(
        app, "https://testserver", raise_server_exceptions=False, follow_redirects=False
    )


@pytest.fixture
def key(service: Service) -> str:
    """Return a planner's key."""
    with service.database.writing() as session:
        return add_key(session, "Ann", Role.PLANNER, {}, actor="test")[1]


def signed_in(browser: TestClient, key: str) -> Response:
    answer: Response = browser.post("/v1/sign-in", json={"key": key})
    assert answer.status_code == 201, answer.text
    return answer


def moved(service: Service, table: type[SessionRow | SignInRow], **columns: timedelta) -> None:
    """Put moments of all rows back."""
    with service.database.writing() as session:
        for row in session.scalars(select(table)):
            for name, ago in columns.items():
                setattr(row, name, getattr(row, name) - ago)


def test_the_cookie_is_kept_from_scripts_other_hosts_and_http(
    browser: TestClient, key: str, service: Service
) -> None:
    told = signed_in(browser, key)
    cookie = told.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "secure", "samesite=lax", "path=/", "max-age=43200"}
    secret = browser.cookies[COOKIE]
    with service.database.reading() as session:
        (row,) = session.scalars(select(SessionRow)).all()
        assert row.hash == hash_of(secret)
        assert secret not in str(vars(row))
        (action,) = session.scalars(
            select(AuditRow.action).order_by(AuditRow.number.desc()).limit(1)
        )
        assert action == "signed_in"
    assert broken(service.database) == []


@ON_SQLITE
def test_without_https_the_cookie_says_so(service: Service, key: str) -> None:
    settings = service.settings.model_copy(update={"secure_cookies": False})
    browser = TestClient(make_app(replace(service, settings=settings)))
    cookie = signed_in(browser, key).headers["set-cookie"]
    assert cookie.startswith("fairlead=")
    assert "secure" not in cookie.lower()
    assert browser.get("/v1/session").json()["way"] == "session"


@ON_SQLITE
def test_what_is_no_key_is_refused(browser: TestClient) -> None:
    for wrong in ("", "x" * 201, "\ud800", None, 3, ["flk_"], {"key": "x"}):
        sent = json.dumps({"key": wrong})
        told = browser.post(
            "/v1/sign-in", content=sent, headers={"Content-Type": "application/json"}
        )
        assert told.status_code == 422, wrong
    for unknown in ("flk_", "\0", "é", "' OR 1=1 --"):
        assert browser.post("/v1/sign-in", json={"key": unknown}).status_code == 401, unknown
        assert browser.get("/sign-in", params={"token": unknown}).status_code == 401, unknown
    assert browser.get("/sign-in").status_code == 422


@ON_SQLITE
def test_who_am_i(browser: TestClient, service: Service) -> None:
    assert browser.get("/v1/session").status_code == 401
    with service.database.writing() as session:
        _, key = add_key(session, "Ann", Role.PLANNER, {"teams": ["east"]}, actor="test")
    told = signed_in(browser, key).json()
    me = browser.get("/v1/session").json()
    assert me == told
    assert (me["name"], me["role"], me["teams"], me["way"]) == (
        "Ann",
        "planner",
        ["east"],
        "session",
    )
    shown = browser.get("/v1/session", headers={"Authorization": f"Bearer {key}"}).json()
    assert (shown["way"], shown["csrf_token"]) == ("key", None)


@ON_SQLITE
def test_changes_must_carry_the_token_of_their_session(
    browser: TestClient, key: str, app: FastAPI
) -> None:
    token = signed_in(browser, key).json()["csrf_token"]
    other = TestClient(app, "https://testserver")
    another = signed_in(other, key).json()["csrf_token"]
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "x"}, {"X-CSRF-Token": another}):
        assert browser.post("/v1/policies", json=NEW, headers=wrong).status_code == 403
        assert browser.delete("/v1/session", headers=wrong).status_code == 403
    right = {"X-CSRF-Token": token}
    assert browser.post("/v1/policies", json=NEW, headers=right).status_code == 201


@ON_SQLITE
def test_a_key_in_the_header_wins_over_the_cookie(browser: TestClient, key: str) -> None:
    signed_in(browser, key)
    for wrong in ("Bearer flk_wrong", "Basic eDp5", "Bearer", "Bearer a b", "nonsense", ""):
        told = browser.get("/v1/policies", headers={"Authorization": wrong})
        assert told.status_code == 401, wrong
        assert told.headers["www-authenticate"] == "Bearer"
    # With a key there is no session, so that its token is not asked for.
    shown = {"Authorization": f"Bearer {key}"}
    assert browser.post("/v1/policies", json=NEW, headers=shown).status_code == 201
    twice = [("Authorization", f"Bearer {key}"), ("Authorization", f"Bearer {key}")]
    assert browser.get("/v1/policies", headers=twice).status_code == 401


@ON_SQLITE
def test_each_sign_in_has_an_id_of_its_own(browser: TestClient, key: str, app: FastAPI) -> None:
    """Session fixation: an id that another chose, or knows, is never taken over."""
    browser.cookies.set(COOKIE, "chosen-by-another", domain="testserver.local", path="/")
    assert browser.get("/v1/session").status_code == 401
    browser.cookies.clear()
    signed_in(browser, key)
    first = browser.cookies[COOKIE]
    signed_in(browser, key)
    second = browser.cookies[COOKIE]
    assert len({first, second, "chosen-by-another"}) == 3
    old = TestClient(app, "https://testserver", cookies={COOKIE: first})
    assert old.get("/v1/session").status_code == 401


def test_signing_out_is_effective_at_once(
    browser: TestClient, key: str, app: FastAPI, service: Service
) -> None:
    token = signed_in(browser, key).json()["csrf_token"]
    stolen = TestClient(app, "https://testserver", cookies={COOKIE: browser.cookies[COOKIE]})
    assert stolen.get("/v1/session").status_code == 200
    assert browser.delete("/v1/session", headers={"X-CSRF-Token": token}).status_code == 204
    assert COOKIE not in browser.cookies
    assert stolen.get("/v1/session").status_code == 401
    assert broken(service.database) == []
    shown = browser.delete("/v1/session", headers={"Authorization": f"Bearer {key}"})
    assert shown.status_code == 409


@ON_SQLITE
def test_a_session_ends_with_its_key(browser: TestClient, key: str, service: Service) -> None:
    signed_in(browser, key)
    assert browser.get("/v1/session").status_code == 200
    with service.database.writing() as session:
        row = session.scalars(select(KeyRow)).one()
        session.execute(update(KeyRow).values(revoked_at=row.created_at))
    assert browser.get("/v1/session").status_code == 401
    assert browser.post("/v1/sign-in", json={"key": key}).status_code == 401


@ON_SQLITE
def test_sessions_end_by_themselves(browser: TestClient, key: str, service: Service) -> None:
    signed_in(browser, key)
    moved(service, SessionRow, seen_at=timedelta(minutes=59))
    assert browser.get("/v1/session").status_code == 200
    # That request was written down, so that the hour begins anew.
    moved(service, SessionRow, seen_at=timedelta(minutes=59))
    assert browser.get("/v1/session").status_code == 200
    moved(service, SessionRow, seen_at=timedelta(minutes=61))
    assert browser.get("/v1/session").status_code == 401
    signed_in(browser, key)
    moved(service, SessionRow, expires_at=timedelta(hours=11, minutes=59))
    assert browser.get("/v1/session").status_code == 200
    moved(service, SessionRow, expires_at=timedelta(minutes=1))
    assert browser.get("/v1/session").status_code == 401


def test_a_link_works_once(browser: TestClient, service: Service, app: FastAPI) -> None:
    with service.database.writing() as session:
        first = first_key(session, service.settings)
    assert first is not None
    link = urlsplit(first.link)
    told = browser.get(f"{link.path}?{link.query}")
    assert (told.status_code, told.headers["location"]) == (303, "/")
    assert browser.get("/v1/session").json()["role"] == "admin"
    other = TestClient(app, "https://testserver", follow_redirects=False)
    again = other.get(f"{link.path}?{link.query}")
    assert (again.status_code, again.json()["code"]) == (401, "unauthenticated")
    assert "set-cookie" not in again.headers
    assert parse_qs(link.query)["token"][0] not in again.text


@ON_SQLITE
def test_a_link_is_over_in_time(browser: TestClient, service: Service) -> None:
    with service.database.writing() as session:
        first = first_key(session, service.settings)
    assert first is not None
    moved(service, SignInRow, expires_at=timedelta(minutes=15))
    link = urlsplit(first.link)
    assert browser.get(f"{link.path}?{link.query}").status_code == 401


@ON_SQLITE
def test_another_site_signs_nobody_in(browser: TestClient, key: str, service: Service) -> None:
    """Login CSRF: a form cannot send JSON, and a browser tells where a request comes from."""
    with service.database.writing() as session:
        first = first_key(session, service.settings)
    assert first is not None
    link = urlsplit(first.link)
    for site in ("cross-site", "same-site"):
        told = browser.get(f"{link.path}?{link.query}", headers={"Sec-Fetch-Site": site})
        assert told.status_code == 403
        posted = browser.post("/v1/sign-in", json={"key": key}, headers={"Sec-Fetch-Site": site})
        assert posted.status_code == 403
    as_text = browser.post(
        "/v1/sign-in", content=f'{{"key": "{key}"}}', headers={"Content-Type": "text/plain"}
    )
    assert as_text.status_code == 422
    assert COOKIE not in browser.cookies
    assert browser.get(f"{link.path}?{link.query}").status_code == 303


@ON_SQLITE
def test_without_an_identity_provider_there_is_no_way_to_it(browser: TestClient) -> None:
    assert browser.get("/sign-in/oidc").status_code == 404
    assert browser.get("/sign-in/oidc/callback?state=x&code=y").status_code == 404
    told = browser.get("/v1/policies", headers={"Authorization": "Bearer a.b.c"})
    assert told.status_code == 401
