"""/v1/snapshots: tables are taken as they are, or refused with every fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models.files.snapshot_files import read_snapshot
from tests.api.company import HEADER, LEADS, REPS, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service


def send(
    client: TestClient,
    tables: Mapping[str, str] = TABLES,
    headers: dict[str, str] | None = None,
    **said: str,
) -> Response:
    """Send tables."""
    files = [("files", (name, text)) for name, text in tables.items()]
    return client.post("/v1/snapshots", files=files, data=said, headers=headers)


def other_tables(*, day: int, reps: bool = True, leads: int = 18) -> dict[str, str]:
    """Return tables of a day with other reps, and with other ones for so many leads."""
    head, *lines = LEADS.splitlines()
    lines = [line.replace("L", "T", 1) for line in lines[:leads]] + lines[leads:]
    told = {
        "snapshot.yaml": HEADER.replace("11-20", f"11-{day}"),
        "reps.csv": REPS,
        "leads.csv": "\n".join([head, *lines]) + "\n",
    }
    return {name: re.sub(r"\bR(\d)", r"S\1", text) if reps else text for name, text in told.items()}


def test_what_is_sent_is_kept(client: TestClient, service: Service) -> None:
    told = send(client)
    assert told.status_code == 201, told.text
    kept = read_snapshot(service.copies.directory(told.json()["id"]))
    assert (kept.num_leads, kept.num_reps) == (18, 4)
    assert kept.content_hash == told.json()["content_hash"]
    assert told.json()["summary"]["rows"]["leads"] == 18
    assert client.get(told.headers["location"]).json() == told.json()
    assert client.get("/v1/snapshots").json()["items"] == [told.json()]


def test_every_fault_is_told_with_its_place(client: TestClient) -> None:
    leads = LEADS.replace("L05,", "L04,").replace("1000", "-1")
    told = send(client, {**TABLES, "leads.csv": leads + "L99,US/East,A,x,2,R9,c,e\n"})
    assert (told.status_code, told.json()["code"]) == (422, "input")
    codes = {(issue["code"], issue["line"]) for issue in told.json()["issues"]}
    assert ("duplicate_id", 6) in codes or any(line == 6 for _, line in codes)
    assert any(line == 20 for _, line in codes)
    assert client.get("/v1/snapshots").json()["items"] == []


def test_names_of_files(client: TestClient) -> None:
    for name in ("../leads.csv", "leads.xlsx", "snapshot.yml", ""):
        told = send(client, {**TABLES, name: "x"})
        assert told.status_code == 422, name
    twice = [("files", ("leads.csv", LEADS))] * 2
    assert client.post("/v1/snapshots", files=twice).status_code == 422


def test_issues_come_in_pages(client: TestClient) -> None:
    # Companies and people without a region are remarked on.
    tables = {**TABLES, "leads.csv": LEADS.replace("Company 1,", "Company 2,")}
    told = send(client, tables)
    url = told.headers["location"] + "/issues?limit=1"
    seen = []
    while True:
        page = client.get(url).json()
        seen += page["items"]
        if page["next"] is None:
            break
        url = told.headers["location"] + f"/issues?limit=1&cursor={page['next']}"
    assert len(seen) == len(client.get(told.headers["location"] + "/issues").json()["items"])


def test_a_repeated_upload_is_one_snapshot(client: TestClient) -> None:
    key = {"Idempotency-Key": "a"}
    assert send(client, headers=key).json() == send(client, headers=key).json()
    other = send(client, {**TABLES, "leads.csv": LEADS.replace("1037", "1038")}, key)
    assert other.json()["code"] == "key_reused"
    assert len(client.get("/v1/snapshots").json()["items"]) == 1


def test_tables_of_another_company_are_taken_only_if_that_is_said(client: TestClient) -> None:
    first = send(client, headers={"Idempotency-Key": "a"})
    # A company may have new leads only, or new reps only, and a fifth of either is enough.
    for alike in (
        other_tables(day=19, leads=0),
        other_tables(day=19, leads=14),
        other_tables(day=19, reps=False),
    ):
        assert send(client, alike).status_code == 201
    other = other_tables(day=21, leads=15)
    told = send(client, other, {"Idempotency-Key": "b"})
    assert (told.status_code, told.json()["code"]) == (409, "other_company")
    assert "0 of the 4 reps and 3 of the 18 leads" in told.json()["detail"]
    euros = {**TABLES, "snapshot.yaml": HEADER.replace("USD", "EUR")}
    told = send(client, euros)
    assert (told.status_code, told.json()["code"]) == (409, "other_company")
    assert "their currency is EUR, not USD. If" in told.json()["detail"]
    assert len(client.get("/v1/snapshots").json()["items"]) == 4
    assert send(client, other, {"Idempotency-Key": "b"}, change_company="true").status_code == 201
    # It is the company now; what was answered is answered so again.
    assert send(client).json()["code"] == "other_company"
    assert send(client, headers={"Idempotency-Key": "a"}).json() == first.json()
    again = send(client, headers={"Idempotency-Key": "a"}, change_company="true")
    assert again.json()["code"] == "key_reused"


def test_figures_label_themselves(client: TestClient) -> None:
    told = client.get(send(client).headers["location"] + "/metrics").json()
    figures = {metric["name"]: metric["value"] for metric in told["metrics"]}
    assert (figures["leads"], figures["reps"], figures["pool"]) == (18, 4, 4)
    assert figures["amount"] == sum(1000 + 37 * number for number in range(1, 19))
    assert all(metric["title"] and metric["description"] for metric in told["metrics"])
    assert [source["leads"] for source in told["sources"]] == [18]
    assert (told["currency"], told["sources"][0]["conversion"]) == ("USD", None)


def test_a_file_name_of_half_a_character_is_told(client: TestClient) -> None:
    body = b'--XX\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\nx\r\n'
    parts = body % (b"files", b"\\ud800.csv") + body % (b"mapping", b"m.yaml") + b"--XX--\r\n"
    form = "multipart/form-data; boundary=XX; charset=unicode_escape"
    told = client.post("/v1/snapshots", content=parts, headers={"Content-Type": form})
    assert (told.status_code, told.json()["code"]) == (422, "invalid")
    assert "send it under a plain file name" in told.json()["detail"]
