"""Every route and method x everybody who may ask, against one table that is written here by hand.

A route that the table does not name fails; its row says who may. What a route's ids are, where some
exist, is in `there`; what belongs to another team, in `foreign`.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import delete

from api.routes.access import name_of
from api.routes.app import ROUTERS, make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.service import Service
from api.settings import Settings
from api.store.columns import new_id
from api.store.migrate import upgrade
from api.store.tables import KeyRow, LoginFailureRow
from tests.api.company import add_company, add_plan_of, add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

ALL = frozenset(Role)
READERS = ALL - {Role.REP}
ANALYSTS = frozenset({Role.ANALYST, Role.PLANNER, Role.ADMIN})
PLANNERS = frozenset({Role.PLANNER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
ANYBODY = None

MAY: dict[str, frozenset[Role] | None] = {
    "GET /health": ANYBODY,
    "GET /health/ready": ANYBODY,
    "GET /v1/snapshots": READERS,
    "POST /v1/snapshots": PLANNERS,
    "GET /v1/snapshots/{snapshot_id}": READERS,
    "GET /v1/snapshots/{snapshot_id}/issues": READERS,
    "GET /v1/issue-types": READERS,
    "GET /v1/policies": READERS,
    "POST /v1/policies": PLANNERS,
    "POST /v1/policies/validate": ANALYSTS,
    "GET /v1/policies/{policy_id}": READERS,
    "GET /v1/policies/{policy_id}/sentences": READERS,
    "GET /v1/keys": ADMINS,
    "POST /v1/keys": ADMINS,
    "GET /v1/keys/{key_id}": ADMINS,
    "PATCH /v1/keys/{key_id}": ADMINS,
    "DELETE /v1/keys/{key_id}": ADMINS,
    "POST /v1/sign-in": ANYBODY,
    "GET /v1/session": ALL,
    "DELETE /v1/session": ALL,
    "GET /sign-in": ANYBODY,
    "GET /sign-in/oidc": ANYBODY,
    "GET /sign-in/oidc/callback": ANYBODY,
}
BODIES: dict[str, dict[str, Any]] = {"PATCH /v1/keys/{key_id}": {"name": "x"}}
"""What a route takes, where a request without it would be refused before its id is looked at."""
EXTRAS: dict[str, Any] = {
    "role": "admin",
    "team_id": "west",
    "current": True,
    "created_by": "key:x",
    "is_admin": True,
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
STRANGERS = ("nobody", "wrong", "revoked", "expired")


@dataclass(frozen=True)
class Place:
    """An installation with a little of everything.

    Attributes
    ----------
    keys : of each role without limits, and of strangers
    limited : of each role, limited to the team east
    there, foreign : per parameter of routes, an id that exists, and one of another team
    """

    service: Service
    client: TestClient
    keys: dict[str, str | None]
    limited: dict[Role, str]
    there: dict[str, str]
    foreign: dict[str, str]

    def ask(self, name: str, key: str | None, ids: dict[str, str]) -> Response:
        """Ask a route of the table."""
        method, _, template = name.partition(" ")
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: ids.get(found[1], new_id()), template)
        headers = {"If-Match": '"v1"'}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        body = BODIES.get(name, {}) if method in ("POST", "PUT", "PATCH") else None
        answer: Response = self.client.request(method, path, headers=headers, json=body)
        return answer


def names() -> list[str]:
    """Return what the routes that there are are called."""
    return sorted(
        name_of(route, method)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    )


def parameters(name: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", name))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    data = tmp_path_factory.mktemp("data")
    settings = Settings(
        data=data,
        database_url=SecretStr(f"sqlite:///{data}/fairlead.db"),
        requests_per_minute=1_000_000,
        burst=1_000_000,
    )
    service = Service.of(settings, Desk(seconds=60, make=lambda: ThreadPoolExecutor(1)))
    upgrade(service.database)
    keys: dict[str, str | None] = {"nobody": None, "wrong": "flk_wrong"}
    with service.database.writing() as session:
        for name in ("revoked", "expired"):
            row, keys[name] = add_key(session, name, Role.ADMIN, {}, actor="test")
            session.flush()
            row.revoked_at = row.created_at if name == "revoked" else None
            row.expires_at = row.created_at
        for role in Role:
            limits = {"rep_id": "R1"} if role is Role.REP else {}
            keys[role] = add_key(session, role, role, limits, actor="test")[1]
        east = {
            role: add_key(session, role, role, {"teams": ["east"]}, actor="test")[1]
            for role in READERS
        }
    client = TestClient(make_app(service), raise_server_exceptions=False, follow_redirects=False)
    yield Place(service, client, keys, east, there(service), foreign(service))
    assert broken(service.database) == []
    service.close()


def there(service: Service) -> dict[str, str]:
    """Make one thing of each kind; return the ids by the parameters that routes have for them."""
    snapshot, policy = add_company(service), add_rules(service)
    with service.database.writing() as session:
        key = add_key(session, "there", Role.VIEWER, {}, actor="test")[0].id
    return {
        "snapshot_id": snapshot,
        "policy_id": policy,
        "plan_id": add_plan_of(service, snapshot, policy),
        "key_id": key,
    }


def foreign(service: Service) -> dict[str, str]:
    """Make one thing of each kind that has a team, of the team west."""
    with service.database.writing() as session:
        key = add_key(session, "west", Role.VIEWER, {"teams": ["west"]}, actor="test")[0].id
    return {"key_id": key}


def test_the_table_names_every_route() -> None:
    missing, gone = sorted(set(names()) - MAY.keys()), sorted(MAY.keys() - set(names()))
    assert not missing, f"say in MAY who may do these: {missing}"
    assert not gone, f"MAY names what is no route: {gone}"


def test_everybody_may_what_the_table_says_and_nothing_else(place: Place) -> None:
    wrong = []
    for name, roles in MAY.items():
        for who, key in place.keys.items():
            # Ids that nobody has: a change that is allowed finds nothing to change.
            status = place.ask(name, key, {}).status_code
            stranger = who in STRANGERS
            if roles is ANYBODY:
                fits = status not in (401, 403)
            elif stranger:
                fits = status == 401
            elif who in roles:
                fits = status not in (401, 403)
            else:
                fits = status == 403
            if not fits or status >= 500:
                wrong.append((name, who, status))
            if stranger:
                with place.service.database.writing() as session:
                    session.execute(delete(LoginFailureRow))
    assert wrong == []


def test_what_is_there_is_given_to_who_may(place: Place) -> None:
    asked = [
        name
        for name, roles in MAY.items()
        if name.startswith("GET /v1/") and roles and parameters(name) <= place.there.keys()
    ]
    assert len(asked) > 5
    told = {
        (name, role): place.ask(name, place.keys[role], place.there).status_code
        for name in asked
        for role in MAY[name] or ()
    }
    # 422 where a route needs to know more.
    assert {key: status for key, status in told.items() if status not in (200, 422)} == {}


@pytest.mark.parametrize("count", [2, pytest.param(1000, marks=pytest.mark.hard)])
def test_guessed_ids_find_nothing(place: Place, count: int) -> None:
    asked = [name for name in MAY if name.startswith("GET /v1/") and parameters(name)]
    told = {
        name: {place.ask(name, place.keys[Role.ADMIN], {}).status_code for _ in range(count)}
        for name in asked
    }
    assert {name: statuses for name, statuses in told.items() if not statuses <= {404, 422}} == {}


def test_other_teams_things_are_not_there(place: Place) -> None:
    asked = [name for name in MAY if parameters(name) and parameters(name) <= place.foreign.keys()]
    assert asked
    told = {
        (name, role): place.ask(name, place.limited[role], place.foreign).status_code
        for name in asked
        for role in (MAY[name] or frozenset()) & READERS
    }
    assert told == dict.fromkeys(told, 404)
    with place.service.database.reading() as session:
        row = session.get_one(KeyRow, place.foreign["key_id"])
        assert (row.name, row.revoked_at) == ("west", None)


def test_fields_that_a_route_does_not_take_are_refused(place: Place) -> None:
    described = place.client.get("/openapi.json").json()
    key = {"Authorization": f"Bearer {place.keys[Role.ADMIN]}", "If-Match": '"v1"'}
    asked = 0
    for template, methods in described["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" not in content:
                continue
            asked += 1
            taken = properties(described, content["application/json"]["schema"])
            extras = {name: value for name, value in EXTRAS.items() if name not in taken}
            path = re.sub(r"\{\w+\}", new_id(), template)
            told = place.client.request(method.upper(), path, headers=key, json=extras)
            assert told.status_code == 422, (method, template, told.text)
            faults = " ".join(told.json()["faults"])
            assert not [name for name in extras if name not in faults], (template, faults)
    assert asked > 3


def properties(described: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Return the names of the fields that a schema knows."""
    if "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = schema.get("anyOf", []) + schema.get("oneOf", [])
    return set(schema.get("properties", {})).union(*(properties(described, part) for part in parts))


def test_other_methods_are_no_way_in(place: Place) -> None:
    paths = {name.partition(" ")[2] for name in MAY}
    key = {"Authorization": f"Bearer {place.keys[Role.ADMIN]}"}
    told = {
        (method, path): place.client.request(
            method, re.sub(r"\{\w+\}", new_id(), path), headers=key
        ).status_code
        for path in paths
        for method in METHODS
        if f"{method} {path}" not in MAY
    }
    # 422 where a name, such as `validate`, is also looked at as an id.
    assert {asked: status for asked, status in told.items() if status not in (405, 422)} == {}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1//keys", {}),
        ("//v1/keys", {}),
        ("/v1/keys/", {}),
        ("/V1/KEYS", {}),
        ("/v1/%6beys", {}),
        ("/v1/keys%2f", {}),
        ("/v1/keys;/health", {}),
        ("/v1/keys?/health", {}),
        ("/v1/keys#/health", {}),
        ("/health/../v1/keys", {}),
        ("/health%2f..%2fv1%2fkeys", {}),
        ("/v1/keys", {"X-Original-URL": "/health", "X-Rewrite-URL": "/health"}),
        ("/v1/keys", {"X-HTTP-Method-Override": "POST"}),
        ("/v1/keys", {"X-Forwarded-Host": "localhost", "X-Forwarded-Prefix": "/health"}),
        ("/v1/keys", {"Host": "localhost:80"}),
        ("/v1/keys", {"Host": "localhost/health?"}),
        ("/v1/keys", {"Host": "localhost#"}),
    ],
)
def test_no_address_and_no_host_leads_around_a_right(
    place: Place, path: str, headers: dict[str, str]
) -> None:
    for who in (Role.VIEWER, "nobody"):
        key = place.keys[who]
        shown = {} if key is None else {"Authorization": f"Bearer {key}"}
        told = place.client.get(path, headers={**shown, **headers})
        assert told.status_code in (307, 400, 401, 403, 404), (who, told.text)
