"""No secret and no name gets out: by the repository, logs, answers, metrics or tables."""

from __future__ import annotations

import io
import logging
import re
import subprocess
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from api.logs import start_log
from api.services.backup.rows import lines_of, tables
from api.settings import LogFormat, LogLevel, Settings
from api.store.files import PEOPLE_FILE
from api.store.stored_file import StoredFile
from api.store.tables import FileRow
from tests.api.company import POLICY, REPS, TABLES
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service
    from tests.api.conftest import ClientOf

# Keys of ours, private keys, and tokens of who hosts code, clouds and chats.
PATTERNS = re.compile(
    rb"flk_[\w-]{43}\b|-----BEGIN (?:\w+ )?PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b"
    rb"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bxox[abprs]-[\w-]{10,}|\bsk-[A-Za-z0-9_-]{32,}"
)
PLANTED = "canary"
PEOPLE = 300
"""Leads with a planted company, address and telephone number each."""


def test_the_pattern_finds_what_it_is_for() -> None:
    private = b"-----BEGIN RSA " + b"PRIVATE KEY-----"
    for secret in (b"flk_" + b"a" * 43, private, b"AKIA" + b"A" * 16):
        assert PATTERNS.search(b"x = " + secret + b";")


def test_the_repository_holds_no_secret() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    paths = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    assert len(paths) > 100
    found = [
        str(path.relative_to(ROOT))
        for path in paths
        if path.is_file() and PATTERNS.search(path.read_bytes())
    ]
    assert found == []


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Give all that is logged."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    start_log(Settings(log_format=LogFormat.JSON, log_level=LogLevel.DEBUG))
    written = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


def test_planted_names_and_keys_do_not_get_out(
    client_of: ClientOf, service: Service, log: io.StringIO
) -> None:
    client = client_of()
    key = client.headers["authorization"].removeprefix("Bearer ")
    told = [send_company(client), send_company(client, broken=True)]
    told += [
        client.post("/v1/policies", json={"name": "weekly", "text": POLICY}),
        client.post("/v1/policies", json={"name": "weekly", "text": f"x: {key}"}),
        client.get(f"/v1/policies?cursor={key}", headers={"X-Request-Id": f"{key}"}),
        client.get("/v1/nothing", headers={"Authorization": "Bearer flk_" + PLANTED * 8}),
        client.get("/v1/policies", headers={"Authorization": "Bearer flk_" + PLANTED * 8}),
        client.post("/v1/people/erase", json={"table": "leads", "id": "L5"}),
        client.get("/v1/audit"),
        client.get("/v1/audit/verify"),
        client.get("/metrics"),
        client.get("/v1/snapshots"),
    ]
    assert [answer.status_code for answer in told[:2]] == [201, 422]
    # An id that a client gives comes back to it, so it may be one that the client chose.
    texts = {f"answer {number}": answer.text for number, answer in enumerate(told)}
    texts["answer 4"] = texts["answer 4"].replace(told[4].headers["x-request-id"], "")
    texts["log"] = log.getvalue()
    assert texts["log"].count("\n") > len(told)
    with service.database.reading() as session:
        for table in tables():
            if table.name != "files":
                texts[table.name] = b"".join(lines_of(session, table)).decode()
        for owner, name in session.execute(select(FileRow.owner_id, FileRow.name).distinct()):
            if name.endswith(".parquet") and name != PEOPLE_FILE:
                file = pq.read_table(io.BytesIO(StoredFile(session, owner, name).read()))
                texts[name] = str(file.to_pylist())
    assert "leads.parquet" in texts
    for where, text in texts.items():
        assert PLANTED not in text.lower(), where
        assert "+4930555" not in text, where
        assert key not in text, where


def send_company(client: TestClient, *, broken: bool = False) -> Response:
    """Send a company full of planted names; with faults if it is to be broken."""
    amount = "nothing" if broken else "17"
    leads = "lead_id,region,amount,company,email,phone\n" + "".join(
        f"L{number},US,{amount if number == 7 else 5},Canary {number} Inc,"
        f"canary{number}@canary{number % 9}.example,+4930555{number:05}\n"
        for number in range(PEOPLE)
    )
    reps = REPS.replace("Ann Ames", "Ann Canary")
    sent = {**TABLES, "leads.csv": leads, "reps.csv": reps}
    return client.post("/v1/snapshots", files=[("files", (n, t)) for n, t in sent.items()])
