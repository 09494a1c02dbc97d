"""Every id that tables may hold can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from api.services.access.roles import Role
from tests.api.company import LEADS, TABLES
from tests.api.office import open_office

if TYPE_CHECKING:
    from api.services.service import Service
    from tests.api.conftest import ClientOf

pytestmark = pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
# Not %2F: the client of tests decodes an address twice, which no server does.
ODD = (
    *("a/b", "//", "a?b=c#d", "100%", "a b", "...", "a/../b", "https://crm.test/leads/1"),
    "\N{SNOWMAN}" * 255,
)
REP = "R/1 ?#%"


def test_odd_ids_are_addressed(service: Service, client_of: ClientOf) -> None:
    leads = LEADS
    ids = [f"L{number:02}" for number in range(1, 19)]
    names = dict(zip(ids, ODD, strict=False))
    for plain, odd in names.items():
        leads = leads.replace(f"\n{plain},", f'\n"{odd}",')
    tables = {
        **TABLES,
        "leads.csv": leads.replace(",R1,", f",{REP},"),
        "reps.csv": TABLES["reps.csv"].replace("R1,", f"{REP},"),
    }
    office = open_office(service, client_of, tables)
    office.publish()
    client, rep = client_of(Role.ADMIN), quote(REP, safe="")
    assert client.get(f"/v1/books/{rep}").json()["rep_id"] == REP
    holder = {
        row["lead_id"]: row["rep_id"]
        for row in client.get("/v1/publications/current/assignments").json()["items"]
    }
    for odd in names.values():
        lead = quote(odd, safe="")
        url = f"/v1/plans/{office.plan}/leads/{lead}"
        told = client.get(url)
        assert (told.status_code, told.json().get("lead_id")) == (200, odd), told.text
        refused = client.get(f"{url}/why-not/nobody%2F%3F")
        assert "the plan has no rep 'nobody/?'" in refused.json()["detail"], odd
        if holder[odd] is not None:
            given = client.post(f"/v1/pool/{lead}/return", json={"reason": "x"})
            assert given.status_code == 200, given.text
        back = client.post(f"/v1/books/{rep}/leads/{lead}", json={"reason": "x"})
        assert (back.status_code, back.json().get("lead_id")) == (200, odd), back.text
