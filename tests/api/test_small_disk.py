"""A disk without room, as a machine has it: a small file system (reliability test 11)."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from typer.testing import CliRunner

from api.cli.app import app as commands
from api.jobs.queue import Queue
from api.routes.app import make_app
from api.services.access.keys import add_key
from api.services.access.roles import Role
from api.services.desk.desk import Desk
from api.services.service import Service
from api.settings import Settings
from api.store.migrate import upgrade
from api.store.tables import RunStatus
from api.worker import worker_of
from tests.api.company import add_company, add_plan_of, add_rules, publish
from tests.api.invariants import broken
from tests.api.routes.test_full_disk import large
from tests.api.routes.test_snapshots import send

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.hard
MEGABYTES = 24
LEFT = 64 << 10
"""Bytes that are left when the disk counts as full."""
NO_ROOM = (503, 507)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small file system."""
    path = tmp_path / "disk"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(path)]
    told = subprocess.run(mount, capture_output=True, text=True, check=False)
    assert told.returncode == 0, f"this test mounts a file system, as root does: {told.stderr}"
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def fill(disk: Path) -> Path:
    """Take all room of a disk but a little; return the file that takes it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * (1 << 16))
        except OSError:
            file.truncate(max(0, file.tell() - LEFT))
    return ballast


def test_everything_on_a_full_disk_and_after_it(disk: Path) -> None:
    url = SecretStr(f"sqlite:///{disk}/fairlead.db")
    settings = Settings(data=disk / "data", database_url=url, four_eyes=False, lock_seconds=5)
    service = Service.of(settings, *(Desk(seconds=60, make=_thread) for _ in range(2)))
    upgrade(service.database)
    with service.database.writing() as session:
        _, key = add_key(session, "test", Role.ADMIN, {}, actor="test")
    app = make_app(service)
    client = TestClient(
        app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False
    )
    snapshot, policy = add_company(service), add_rules(service)
    plan = add_plan_of(service, snapshot, policy)
    publish(service, plan)
    made = client.post("/v1/publications", json={"plan": plan}).json()
    address = f"/v1/publications/{made['id']}"
    for step in ("submit", "approve"):
        assert client.post(f"{address}/{step}").status_code == 200
    run = client.post("/v1/runs", json={"snapshot": snapshot, "policy": policy}).json()
    before = {path: client.get(path).json()["items"] for path in ("/v1/snapshots", "/v1/plans")}
    number = client.get("/v1/publications/current").json()["number"]

    ballast = fill(disk)
    worker = worker_of(service)
    for told in (send(client, large()), client.post(f"{address}/publish")):
        assert told.status_code in NO_ROOM, told.text
        assert told.json()["code"] in ("disk_full", "unavailable", "busy")
    worker.work_once()
    saved = CliRunner().invoke(
        commands,
        ["backup", str(disk / "saved.zip"), "--data", str(settings.data)],
        env={"FAIRLEAD_DATABASE_URL": url.get_secret_value()},
    )
    assert saved.exit_code != 0
    assert "Traceback" not in saved.output
    assert not (disk / "saved.zip").exists()
    for path, items in before.items():
        assert client.get(path).json()["items"] == items
    assert client.get("/v1/publications/current").json()["number"] == number

    ballast.unlink()
    assert send(client, large()).status_code == 201
    assert client.post(f"{address}/publish").status_code == 200
    # What was begun without room has ended with the reason; what is asked for now is done.
    queue = Queue(service.database)
    assert "No space left" in str(queue.get(run["id"]).reason)
    again = client.post("/v1/runs", json={"snapshot": snapshot, "policy": policy}).json()
    while queue.get(again["id"]).ended_at is None:
        worker.work_once()
    assert queue.get(again["id"]).status == RunStatus.SOLVED
    assert broken(service.database) == []
    service.close()


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1)
