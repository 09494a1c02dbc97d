"""Every route and method x everybody who may ask, against one table that is written here by hand.

A route that the table does not name fails; its row says who may. What a route's ids are, where some
exist, is in `there`; what belongs to another team, in `foreign`.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import delete, select

from api.routes.access import name_of
from api.routes.app import ROUTERS, make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.desk.publication_files import ASSIGNMENT_FILE
from api.services.service import Service
from api.settings import Settings
from api.store.columns import new_id
from api.store.migrate import upgrade
from api.store.tables import KeyRow, LoginFailureRow, PlanRow, PublicationRow
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

ALL = frozenset(Role)
READERS = ALL - {Role.REP}
ANALYSTS = frozenset({Role.ANALYST, Role.PLANNER, Role.ADMIN})
PLANNERS = frozenset({Role.PLANNER, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})
OWNERS = frozenset({Role.REP, Role.PLANNER, Role.ADMIN})
APPROVERS = frozenset({Role.APPROVER, Role.ADMIN})
TELLERS = ALL - {Role.VIEWER}
ANYBODY = None

MAY: dict[str, frozenset[Role] | None] = {
    "GET /": ANYBODY,
    "GET /health": ANYBODY,
    "GET /health/ready": ANYBODY,
    "GET /v1/snapshots": READERS,
    "POST /v1/snapshots": PLANNERS,
    "GET /v1/snapshots/{snapshot_id}": READERS,
    "GET /v1/snapshots/{snapshot_id}/issues": READERS,
    "POST /v1/snapshots/{snapshot_id}/withdraw": PLANNERS,
    "GET /v1/snapshots/{snapshot_id}/metrics": READERS,
    "GET /v1/issue-types": READERS,
    "GET /v1/policies": READERS,
    "POST /v1/policies": PLANNERS,
    "POST /v1/policies/validate": ANALYSTS,
    "GET /v1/policies/{policy_id}": READERS,
    "GET /v1/policies/{policy_id}/sentences": READERS,
    "GET /v1/snapshots/{snapshot_id}/people": PLANNERS,
    "POST /v1/people/erase": ADMINS,
    "GET /v1/scenarios": READERS,
    "POST /v1/scenarios": ANALYSTS,
    "GET /v1/scenarios/{scenario_id}": READERS,
    "GET /v1/runs": READERS,
    "POST /v1/runs": ANALYSTS,
    "GET /v1/runs/{run_id}": READERS,
    "GET /v1/runs/{run_id}/events": READERS,
    "POST /v1/runs/{run_id}/stop": ANALYSTS,
    "POST /v1/evaluations": ANALYSTS,
    "POST /v1/diagnoses": ANALYSTS,
    "GET /v1/plans": READERS,
    "GET /v1/plans/{plan_id}": READERS,
    "GET /v1/plans/{plan_id}/kpis": READERS,
    "GET /v1/plans/{plan_id}/sentences": READERS,
    "GET /v1/plans/{plan_id}/source": READERS,
    "GET /v1/plans/{plan_id}/assignments": READERS,
    "GET /v1/plans/{plan_id}/unassigned": READERS,
    "GET /v1/plans/{plan_id}/moves": READERS,
    "GET /v1/plans/{plan_id}/reps": READERS,
    "GET /v1/plans/{plan_id}/prices": READERS,
    "GET /v1/plans/{plan_id}/leads/{lead_id}": ALL,
    "GET /v1/plans/{plan_id}/leads/{lead_id}/why-not/{rep_id}": ALL,
    "POST /v1/comparisons": ANALYSTS,
    "POST /v1/recommendations": ANALYSTS,
    "GET /v1/publications": READERS,
    "POST /v1/publications": PLANNERS,
    "GET /v1/publications/current": READERS,
    "GET /v1/publications/current/assignments": READERS,
    "GET /v1/publications/current/refused": READERS,
    "GET /v1/publications/changes": READERS,
    "GET /v1/publications/{publication_id}": READERS,
    "PATCH /v1/publications/{publication_id}": PLANNERS,
    "GET /v1/publications/{publication_id}/breaches": READERS,
    "GET /v1/publications/{publication_id}/assignments": READERS,
    "GET /v1/publications/{publication_id}/refused": READERS,
    "POST /v1/publications/{publication_id}/submit": PLANNERS,
    "POST /v1/publications/{publication_id}/approve": APPROVERS,
    "POST /v1/publications/{publication_id}/reject": PLANNERS | APPROVERS,
    "POST /v1/publications/{publication_id}/publish": APPROVERS,
    "POST /v1/publications/{publication_id}/roll-back": APPROVERS,
    "GET /v1/pool": ALL,
    "POST /v1/pool/{lead_id}/claim": OWNERS,
    "POST /v1/pool/{lead_id}/return": OWNERS,
    "GET /v1/books/{rep_id}": ALL,
    "POST /v1/books/{rep_id}/leads/{lead_id}": PLANNERS,
    "GET /v1/pins": READERS,
    "POST /v1/pins": PLANNERS,
    "GET /v1/pins/{pin_id}": READERS,
    "PATCH /v1/pins/{pin_id}": PLANNERS,
    "DELETE /v1/pins/{pin_id}": PLANNERS,
    "GET /v1/feedback": ALL,
    "POST /v1/feedback": TELLERS,
    "GET /v1/feedback/summary": READERS,
    "GET /v1/schedules": READERS,
    "POST /v1/schedules": PLANNERS,
    "GET /v1/schedules/{schedule_id}": READERS,
    "PATCH /v1/schedules/{schedule_id}": PLANNERS,
    "DELETE /v1/schedules/{schedule_id}": PLANNERS,
    "POST /v1/schedules/{schedule_id}/fire": PLANNERS,
    "GET /v1/schedules/{schedule_id}/slots": READERS,
    "GET /v1/audit": ADMINS,
    "GET /v1/audit/head": ADMINS,
    "GET /v1/audit/verify": ADMINS,
    "GET /metrics": ADMINS,
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
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /v1/keys/{key_id}": {"name": "x"},
    "POST /v1/snapshots/{snapshot_id}/withdraw": {"reason": "x"},
    "POST /v1/pool/{lead_id}/claim": {"rep_id": "R1"},
    "POST /v1/pool/{lead_id}/return": {"reason": "x"},
    "POST /v1/books/{rep_id}/leads/{lead_id}": {"reason": "x"},
}
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
    ids = there(service, keys[Role.ADMIN])
    yield Place(service, client, keys, east, ids, foreign(service, ids))
    assert broken(service.database) == []
    service.close()


def there(service: Service, admin: str | None) -> dict[str, str]:
    """Make one thing of each kind; return the ids by the parameters that routes have for them."""
    snapshot, policy = add_company(service), add_rules(service)
    plan = add_plan_of(service, snapshot, policy)
    publish(service, plan)
    with service.database.writing() as session:
        key = add_key(session, "there", Role.VIEWER, {}, actor="test")[0].id
        run = session.get_one(PlanRow, plan).run_id
        publication = session.scalars(select(PublicationRow.id)).one()
    who = TestClient(
        make_app(service), headers={"Authorization": f"Bearer {admin}"}, base_url="http://localhost"
    )
    made = {
        "/v1/scenarios": {"name": "one leaves", "snapshot": snapshot, "policy": policy}
        | {"changes": [{"rep_leaves": {"reps": ["R3"]}}]},
        "/v1/pins": {"lead_id": "L02", "kind": "fixed", "rep_id": "R4", "reason": "asked for"},
        "/v1/schedules": {"name": "weekly", "cron": "0 6 * * MON", "timezone": "UTC"}
        | {"task": {"policy": "weekly"}},
    }
    told = [who.post(path, json=new) for path, new in made.items()]
    assert [answer.status_code for answer in told] == [201] * 3, [one.text for one in told]
    scenario, pin, schedule = (answer.json()["id"] for answer in told)
    return {
        "snapshot_id": snapshot,
        "policy_id": policy,
        "plan_id": plan,
        "key_id": key,
        "run_id": run,
        "publication_id": publication,
        "scenario_id": scenario,
        "pin_id": pin,
        "schedule_id": schedule,
        "rep_id": "R1",
        "lead_id": held_by(service, publication, "R1"),
    }


def held_by(service: Service, publication_id: str, rep_id: str) -> str:
    """Return a lead that a rep has in a publication."""
    table = pq.read_table(service.copies.directory(publication_id) / ASSIGNMENT_FILE)
    lead_id: str = table.filter(pc.equal(table["rep_id"], rep_id))["lead_id"][0].as_py()
    return lead_id


def foreign(service: Service, there: dict[str, str]) -> dict[str, str]:
    """Return one thing of each kind that has a team, of the team west."""
    with service.database.writing() as session:
        key = add_key(session, "west", Role.VIEWER, {"teams": ["west"]}, actor="test")[0].id
    lead = held_by(service, there["publication_id"], "R3")
    return {"key_id": key, "lead_id": lead, "rep_id": "R3"}


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
    asked = [name for name in MAY if parameters(name) & place.foreign.keys()]
    assert len(asked) > 5
    ids = {**place.there, **place.foreign}
    told = {
        (name, role): place.ask(name, place.limited[role], ids).status_code
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
    # A name, such as `validate`, is also looked at as an id, and `R1/leads/L1` as a rep.
    odd = {asked: status for asked, status in told.items() if status not in (404, 405, 422, 428)}
    assert odd == {}


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
