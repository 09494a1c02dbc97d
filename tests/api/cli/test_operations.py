"""`fairlead keys`, `backup`, `restore`, `migrate`, `audit`: what they do, and what they refuse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from api.cli.app import app
from api.services.access.keys import valid_key
from api.settings import PREFIX, Settings
from api.store.database import Database
from api.store.migrate import upgrade
from api.store.revision import NEWEST_REVISION, REVISIONS
from api.store.tables import KeyRow
from models.errors import FairleadError
from tests.api.invariants import broken, tamper
from tests.api.postgres import autocommit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Run = Callable[..., Result]

KEY = re.compile(r"flk_[\w-]{43}")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the directory of an installation."""
    database = opened(tmp_path / "data")
    upgrade(database)
    database.close()
    return tmp_path / "data"


@pytest.fixture
def run() -> Run:
    """Return what runs `fairlead ARGS` in this process."""
    return lambda *args: CliRunner().invoke(app, [str(one) for one in args])


def opened(data: Path) -> Database:
    """Return the database of an installation."""
    return Database(f"sqlite:///{data}/fairlead.db")


def refused(result: Result, *words: str) -> None:
    """Assert that a command ended with a sentence."""
    assert isinstance(result.exception, FairleadError), result.output
    for word in words:
        assert word in str(result.exception)


def test_keys(run: Run, data: Path) -> None:
    made = run("keys", "create", "the [b]import", "--role", "planner", "--days", 3, "--data", data)
    (key,) = KEY.findall(made.output)
    book = run("keys", "create", "Ann", "--role", "rep", "--rep", "R1", "--data", data)
    assert KEY.search(book.output)
    listed = run("keys", "list", "--data", data).output
    assert "the [b]import" in listed
    assert "rep_id: R1" in listed
    assert not KEY.search(listed)
    database = opened(data)
    with database.reading() as session:
        assert valid_key(session, key).name == "the [b]import"
    assert "is revoked" in run("keys", "revoke", key[:10], "--data", data).output
    assert "is revoked" in run("keys", "revoke", key[:10], "--data", data).output
    with database.reading() as session, pytest.raises(FairleadError, match="revoked"):
        valid_key(session, key)
    assert "revoked" in run("keys", "list", "--data", data).output
    with database.reading() as session:
        assert len(session.scalars(select(KeyRow)).all()) == 2
    assert broken(database) == []
    database.close()


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("--role", "king"), "none of viewer"),
        (("--role", "rep"), "needs --rep"),
        (("--rep", "R1"), "needs --rep"),
        (("--days", "0"), "days"),
    ],
)
def test_keys_that_make_no_sense(run: Run, data: Path, args: tuple[str, ...], word: str) -> None:
    told = run("keys", "create", "x", *args, "--data", data)
    assert told.exit_code == 2
    assert word in told.output
    assert not KEY.search(run("keys", "list", "--data", data).output)


def test_backup_and_restore(run: Run, data: Path, tmp_path: Path) -> None:
    run("keys", "create", "x", "--data", data)
    file, other = tmp_path / "b.zip", tmp_path / "other"
    assert "4 rows of" in run("backup", file, "--data", data).output
    refused(run("backup", file, "--data", data), "is there already")
    refused(run("backup", tmp_path / "no" / "b.zip", "--data", data), "cannot be written")
    assert "verified" in run("restore", file, "--data", other).output
    refused(run("restore", file, "--data", other), "not empty", "--replace")
    assert run("restore", file, "--data", other, "--replace").exit_code == 0
    assert "valid" in run("keys", "list", "--data", other).output
    refused(run("restore", tmp_path / "nothing.zip", "--data", other), "cannot be read")


def test_what_fails_leaves_nothing_of_a_new_installation(
    run: Run, data: Path, tmp_path: Path
) -> None:
    bad, new = tmp_path / "bad.zip", tmp_path / "deep" / "new"
    assert run("backup", bad, "--data", data).exit_code == 0
    bad.write_bytes(bad.read_bytes()[:-200])
    for args in (("restore", bad), ("restore", tmp_path / "none"), ("migrate", "--to", "77")):
        assert run(*args, "--data", new).exception is not None
        assert not new.parent.exists(), args
    new.mkdir(parents=True)
    (new / "mine").touch()
    refused(run("restore", bad, "--data", new), "no whole backup")
    assert [path.name for path in new.iterdir()] == ["mine"]
    refused(run("restore", bad, "--data", bad), str(bad))
    before = (data / "fairlead.db").read_bytes()
    refused(run("restore", bad, "--replace", "--data", data), "nothing was changed")
    assert (data / "fairlead.db").read_bytes() == before


def test_audit(run: Run, data: Path) -> None:
    for name in ("a", "b"):
        run("keys", "create", name, "--data", data)
    assert "All 2 rows" in run("audit", "verify", "--data", data).output
    number, digest, _ = run("audit", "head", "--data", data).output.split()
    assert (number, len(digest)) == ("2", 64)
    database = opened(data)
    tamper(database, "UPDATE audit SET actor = 'x' WHERE number = 1")
    database.close()
    told = run("audit", "verify", "--data", data)
    assert told.exit_code == 1
    assert "audit row 1 was changed" in told.output


def test_migrate(run: Run, data: Path) -> None:
    refused(run("migrate", "--to", "base", "--data", data), "say --lose")
    refused(run("migrate", "--to", "77", "--data", data), "no revision '77'")
    refused(run("migrate", "--to", REVISIONS[0], "--data", data), "say --lose")
    told = run("migrate", "--to", REVISIONS[0], "--lose", "--data", data).output
    assert f"from {NEWEST_REVISION} to {REVISIONS[0]}" in told
    refused(run("keys", "list", "--data", data), f"works with {NEWEST_REVISION}; run `fairlead mig")
    assert f"from {REVISIONS[0]} to {NEWEST_REVISION}" in run("migrate", "--data", data).output
    told = run("migrate", "--to", "base", "--lose", "--data", data).output
    assert f"from {NEWEST_REVISION} to no tables" in told
    refused(run("keys", "list", "--data", data), "there is no installation")
    assert f"from no tables to {NEWEST_REVISION}" in run("migrate", "--data", data).output
    assert f"from {NEWEST_REVISION} to {NEWEST_REVISION}" in run("migrate", "--data", data).output


def test_an_installation_that_is_not_there(run: Run, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    for args in (("keys", "list"), ("backup", tmp_path / "b"), ("audit", "verify"), ("worker",)):
        refused(run(*args, "--data", nowhere), "there is no installation in")
    assert not nowhere.exists()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_no_worker_begins_on_a_database_that_takes_no_changes(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_DATABASE_URL", url)
    # A worker that began would take this process.
    monkeypatch.setattr("os.execve", lambda *_: pytest.fail("it begins"))
    name = make_url(url).database
    with autocommit(url) as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
        try:
            refused(run("worker"), "takes no changes", "default_transaction_read_only")
        finally:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f"ALTER DATABASE {name} RESET ALL"))


def test_a_data_directory_of_any_name_has_its_own_database(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a #1 ä, 100%25?b=c"
    database = Database(Settings(data=folder).url)
    upgrade(database)
    database.close()
    assert (folder / "fairlead.db").exists()
    assert list(tmp_path.iterdir()) == [folder]
    assert run("keys", "create", "me", "--role", "viewer", "--data", folder).exit_code == 0


def test_a_database_that_is_not_there_is_not_made(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "fairlaed.db"
    monkeypatch.setenv("FAIRLEAD_DATABASE_URL", f"sqlite:///{file}")
    refused(run("keys", "list"), "there is no installation in", str(file))
    assert not file.exists()
