"""A request of every operation of the API that succeeds, one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.services.access.links import add_way_in
from api.services.access.roles import Role
from tests.api.company import POLICY, TABLES, add_company, add_plan_of, add_rules, publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service

UNREACHED = frozenset({"GET /sign-in/oidc", "GET /sign-in/oidc/callback"})
"""They need an identity provider; tests/api/routes/test_oidc_sign_in.py goes their way."""
FIRST = {"If-Match": '"v1"'}


@dataclass
class Walk:
    """A walk through an installation by somebody who may do everything.

    Attributes
    ----------
    client : sends requests with an administrator's key; browser : without a key
    look : is shown the name of each operation and its answer
    ids : what is there, by the names that paths and bodies have for it
    """

    service: Service
    client: TestClient
    browser: TestClient
    look: Callable[[str, Response], None]
    ids: dict[str, str] = field(default_factory=dict)

    def ask(
        self,
        name: str,
        status: int = 200,
        client: TestClient | None = None,
        ids: Any = (),
        **more: Any,
    ) -> dict[str, Any]:
        """Send a request of an operation, which succeeds; return what is answered."""
        method, _, template = name.partition(" ")
        known = {**self.ids, **dict(ids)}
        path = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], template)
        answer: Response = (client or self.client).request(
            method, path, follow_redirects=False, **more
        )
        assert answer.status_code == status, (name, answer.status_code, answer.text)
        self.look(name, answer)
        return dict(answer.json()) if answer.content.startswith(b"{") else {}

    def keep(self, name: str, told: dict[str, Any]) -> None:
        """Keep an id for what follows."""
        self.ids[name] = str(told["id"])

    def whole(self) -> None:
        """Go all the way."""
        # Plans first: what makes them takes the first run that waits.
        for part in (self.inputs, self.plans, self.runs, self.publications, self.leads):
            part()
        for part in (self.schedules, self.access, self.lists):
            part()

    def inputs(self) -> None:
        """Bring tables, a policy and a scenario."""
        files = [("files", (name, text)) for name, text in TABLES.items()]
        self.keep("snapshot_id", self.ask("POST /v1/snapshots", 201, files=files))
        self.keep(
            "policy_id", self.ask("POST /v1/policies", 201, json={"name": "weekly", "text": POLICY})
        )
        self.ask("POST /v1/snapshots/{snapshot_id}/withdraw", json={"reason": "half of it"})
        self.ask("POST /v1/policies/validate", json={"text": POLICY})
        # What a worker makes is made here without one.
        self.ids["snapshot_id"], self.ids["policy_id"] = (
            add_company(self.service),
            add_rules(self.service),
        )
        base = {"snapshot": self.ids["snapshot_id"], "policy": self.ids["policy_id"]}
        changes = [{"rep_leaves": {"reps": ["R3"]}}]
        new = {"name": "one leaves", **base, "changes": changes}
        self.keep("scenario_id", self.ask("POST /v1/scenarios", 201, json=new))

    def runs(self) -> None:
        """Ask for runs."""
        base = {"snapshot": self.ids["snapshot_id"], "policy": self.ids["policy_id"]}
        self.keep("run_id", self.ask("POST /v1/runs", 202, json=base))
        self.ask("POST /v1/runs/{run_id}/stop")
        self.ask("GET /v1/runs/{run_id}/events")
        self.ask("POST /v1/diagnoses", 202, json=base)
        assignments = {"assignments": ("a.csv", "lead_id,rep_id\nL01,R1\n")}
        self.ask("POST /v1/evaluations", 202, data=base, files=assignments)

    def plans(self) -> None:
        """Look at plans."""
        plans = [
            add_plan_of(self.service, self.ids["snapshot_id"], self.ids["policy_id"])
            for _ in range(2)
        ]
        self.ids.update(plan_id=plans[0], lead_id="L01", rep_id="R1")
        self.ask("GET /v1/plans/{plan_id}/leads/{lead_id}")
        self.ask("GET /v1/plans/{plan_id}/leads/{lead_id}/why-not/{rep_id}", ids={"rep_id": "R4"})
        self.ask("POST /v1/comparisons", json={"plans": plans})
        publish(self.service, plans[1])
        lead = {"lead_id": "N1", "region": "US/West", "amount": 1200, "win_probability": 0.3}
        self.ask("POST /v1/recommendations", json={"leads": [lead]})

    def publications(self) -> None:
        """Publish a plan, reject another, and go back."""
        for step in ("reject", "publish"):
            new = {"plan": self.ids["plan_id"]}
            self.keep("publication_id", self.ask("POST /v1/publications", 201, json=new))
            note = {"note": "for the week"}
            self.ask(f"PATCH {_PUBLICATION}", headers=FIRST, json=note)
            self.ask(f"POST {_PUBLICATION}/submit")
            if step == "reject":
                self.ask(f"POST {_PUBLICATION}/reject", json={"reason": "not yet"})
            else:
                self.ask(f"POST {_PUBLICATION}/approve")
        self.ask(f"POST {_PUBLICATION}/publish")
        former = self.client.get("/v1/publications").json()["items"]
        (first,) = (row["id"] for row in former if row["number"] == 1)
        self.ask(f"POST {_PUBLICATION}/roll-back", 201, ids={"publication_id": first})
        self.ask("GET /v1/publications/changes", params={"since": 1})

    def leads(self) -> None:
        """Hand leads over, pin one, and say what one thinks of it."""
        now = self.client.get("/v1/publications/current/assignments").json()["items"]
        held = {item["rep_id"]: item["lead_id"] for item in now}
        ids, why = {"lead_id": held["R1"], "rep_id": "R1"}, {"reason": "asked for"}
        self.ask("POST /v1/pool/{lead_id}/return", ids=ids, json=why)
        self.ask("POST /v1/books/{rep_id}/leads/{lead_id}", ids=ids, json=why)
        self.ask("POST /v1/pool/{lead_id}/return", ids=ids, json=why)
        # So that there is room for another one.
        self.ask("POST /v1/pool/{lead_id}/return", ids={"lead_id": held["R2"]}, json=why)
        self.ask("POST /v1/pool/{lead_id}/claim", ids=ids, json={"rep_id": "R2"})
        pin = {"lead_id": "L02", "kind": "fixed", "rep_id": "R4", **why}
        self.keep("pin_id", self.ask("POST /v1/pins", 201, json=pin))
        self.ask("PATCH /v1/pins/{pin_id}", headers=FIRST, json=why)
        self.ask("DELETE /v1/pins/{pin_id}", headers={"If-Match": '"v2"'})
        self.ask("POST /v1/feedback", 201, json={"lead_id": "L01", "verdict": "good"})
        self.ask("GET /v1/snapshots/{snapshot_id}/people", params={"table": "leads"})
        self.ask("POST /v1/people/erase", json={"table": "leads", "id": "L01"})

    def schedules(self) -> None:
        """Have a plan made every week."""
        rest = {"cron": "0 6 * * MON", "timezone": "UTC", "task": {"policy": "weekly"}}
        for name in ("daily", "weekly"):
            self.keep(
                "schedule_id", self.ask("POST /v1/schedules", 201, json={"name": name, **rest})
            )
            self.ask("PATCH /v1/schedules/{schedule_id}", headers=FIRST, json={"enabled": False})
            if name == "daily":
                self.ask("DELETE /v1/schedules/{schedule_id}", headers={"If-Match": '"v2"'})
        self.ask("POST /v1/schedules/{schedule_id}/fire", 202)

    def access(self) -> None:
        """Give keys, and sign in."""
        new = {"name": "Ann", "role": Role.VIEWER}
        made = self.ask("POST /v1/keys", 201, json=new)
        self.keep("key_id", made)
        self.ask("PATCH /v1/keys/{key_id}", headers=FIRST, json={"name": "Ann Ames"})
        signed_in = self.ask("POST /v1/sign-in", 201, self.browser, json={"key": made["key"]})
        token = {"X-CSRF-Token": signed_in["csrf_token"]}
        self.ask("DELETE /v1/session", 204, self.browser, headers=token)
        with self.service.database.writing() as session:
            link = add_way_in(session, self.service.settings, key_id=made["id"])
        self.ask("GET /sign-in", 303, self.browser, params={"token": link})
        self.ask("DELETE /v1/keys/{key_id}")

    def lists(self) -> None:
        """Look at all there is that needs no more than ids."""
        for name in self._looks():
            self.ask(name)

    def _looks(self) -> Iterator[str]:
        """Give the operations that only look, and ask for nothing but ids."""
        described = self.client.get("/openapi.json").json()
        for path, methods in described["paths"].items():
            needs = [
                parameter["name"]
                for parameter in methods.get("get", {}).get("parameters", ())
                if parameter.get("required") and parameter["name"] not in self.ids
            ]
            name = f"GET {path}"
            if "get" in methods and not needs and name not in UNREACHED:
                yield name


_PUBLICATION = "/v1/publications/{publication_id}"
