"""A disk without room, or without the right to write: a sentence, nothing half, and going on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sqlalchemy import event

from tests.api.company import TABLES
from tests.api.invariants import broken
from tests.api.routes.test_snapshots import send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fastapi.testclient import TestClient
    from httpx2 import Response

    from api.services.service import Service

FULL, READ_ONLY = 507, 503
FORBIDDEN = "/sys/kernel"
"""A directory of every Linux in which nobody may make anything."""


def large() -> dict[str, str]:
    """Return a company whose tables need some room, however well they are packed."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz0123456789"))
    words = np.random.default_rng(1).choice(letters, (3000, 40))
    rows = "".join(f"L{number},US,{''.join(word)}\n" for number, word in enumerate(words))
    return {**TABLES, "leads.csv": f"lead_id,region,company\n{rows}"}


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_a_full_database(client: TestClient, service: Service) -> None:
    pages = {"limit": 0}

    def limit(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages['limit'] or 2**30}").close()

    _, writing = service.database.engines()
    event.listen(writing, "checkout", limit)
    first = send(client)
    assert first.status_code == 201
    # SQLite takes no limit below what there is.
    pages["limit"] = 1
    told = send(client, large())
    assert (told.status_code, told.json()["code"]) == (FULL, "disk_full")
    assert client.get("/v1/snapshots").json()["items"] == [first.json()]
    assert broken(service.database) == []
    pages["limit"] = 0
    assert send(client, large()).status_code == 201
    assert broken(service.database) == []


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_no_room_for_what_is_sent(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # What every Linux has, and on which nothing finds room.
    (tmp_path / "full").symlink_to("/dev/full")
    original = type(tmp_path).open

    def opened(path: Path, mode: str = "r", *more: Any) -> Any:
        full = path.name == "leads.csv" and "x" in mode
        return original(tmp_path / "full" if full else path, "wb" if full else mode, *more)

    monkeypatch.setattr(type(tmp_path), "open", opened)
    told = send(client)
    assert (told.status_code, told.json()["code"]) == (FULL, "disk_full")
    monkeypatch.undo()
    assert list(service.scratch.iterdir()) == []
    assert send(client).status_code == 201


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_no_right_to_write(client: TestClient, service: Service) -> None:
    snapshot = send(client).json()["id"]
    asked: dict[str, Callable[[], Response]] = {
        "scratch": lambda: send(client),
        "copies": lambda: client.get(f"/v1/snapshots/{snapshot}/metrics"),
    }
    for name, ask in asked.items():
        place = service.settings.data / name
        shutil.rmtree(place, ignore_errors=True)
        place.symlink_to(FORBIDDEN)
        told = ask()
        assert (told.status_code, told.json()["code"]) == (READ_ONLY, "read_only")
        assert FORBIDDEN in told.json()["detail"] or str(place) in told.json()["detail"]
        assert "the right to write there" in told.json()["detail"]
        place.unlink()
        assert ask().status_code in (200, 201)
    assert broken(service.database) == []
