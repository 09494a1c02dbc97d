"""/v1/snapshots: tables are taken as they are, or refused with every fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.files.snapshot_files import read_snapshot
from tests.api.company import LEADS, TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service


def send(
    client: TestClient, tables: Mapping[str, str] = TABLES, headers: dict[str, str] | None = None
) -> Response:
    """Send tables."""
    files = [("files", (name, text)) for name, text in tables.items()]
    return client.post("/v1/snapshots", files=files, headers=headers)


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


def test_figures_label_themselves(client: TestClient) -> None:
    told = client.get(send(client).headers["location"] + "/metrics").json()
    figures = {metric["name"]: metric["value"] for metric in told["metrics"]}
    assert (figures["leads"], figures["reps"], figures["pool"]) == (18, 4, 4)
    assert figures["amount"] == sum(1000 + 37 * number for number in range(1, 19))
    assert all(metric["title"] and metric["description"] for metric in told["metrics"])
    assert [source["leads"] for source in told["sources"]] == [18]
    assert (told["currency"], told["sources"][0]["conversion"]) == ("USD", None)
