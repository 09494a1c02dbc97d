"""Settings: their defaults, their variables, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.schemas.roles import Role
from api.settings import PREFIX, Settings, load_settings
from models.errors import UsageError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_defaults_are_those_of_the_design() -> None:
    settings = load_settings()
    assert settings.lease_seconds == 30
    assert settings.heartbeat_seconds == 10
    assert settings.attempts == 3
    assert settings.url == f"sqlite:///{Path.cwd()}/fairlead-data/fairlead.db"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAIRLEAD_DATA", str(tmp_path))
    monkeypatch.setenv("FAIRLEAD_LEASE_SECONDS", "6")
    settings = load_settings()
    assert settings.url == f"sqlite:///{tmp_path}/fairlead.db"
    assert settings.heartbeat_seconds == 2


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://fairlead:hunter2@localhost/fairlead"
    monkeypatch.setenv("FAIRLEAD_DATABASE_URL", url)
    settings = load_settings()
    assert settings.url == url
    assert "hunter2" not in repr(settings)


def test_a_misspelt_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_RUNTHREADS", "secret")
    # These are the client's, and of a test's.
    monkeypatch.setenv("FAIRLEAD_KEY", "flk_x")
    monkeypatch.setenv("FAIRLEAD_LOAD_SECONDS", "60")
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert str(raised.value) == (
        "the environment does not fit:\n"
        "  FAIRLEAD_RUNTHREADS is no setting; write FAIRLEAD_RUN_THREADS, or remove it"
    )


@pytest.mark.parametrize("value", ["inf", "nan", "1e999"])
def test_no_limit_is_infinite(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("FAIRLEAD_MAX_BODY_MB", value)
    with pytest.raises(UsageError, match="FAIRLEAD_MAX_BODY_MB"):
        load_settings()


def test_every_bad_variable_is_named_but_not_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_LEASE_SECONDS", "-17")
    monkeypatch.setenv("FAIRLEAD_ATTEMPTS", "0")
    with pytest.raises(UsageError) as raised:
        load_settings()
    assert str(raised.value) == (
        "the environment does not fit:\n"
        "  FAIRLEAD_LEASE_SECONDS: input should be greater than 0; it is how long after its last "
        "sign of life a worker keeps its run\n"
        "  FAIRLEAD_ATTEMPTS: input should be greater than or equal to 1; it is how many workers "
        "may begin a run before it has failed"
    )


def test_a_list_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_ALLOWED_HOSTS", "fairlead.example")
    with pytest.raises(UsageError, match=r"allowed_hosts.*JSON"):
        load_settings()


def test_a_list_and_a_table_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_ALLOWED_HOSTS", '["fairlead.example"]')
    monkeypatch.setenv("FAIRLEAD_OIDC_ROLES", '{"sales-ops": "planner"}')
    monkeypatch.setenv("FAIRLEAD_OIDC_CLIENT_SECRET", "hunter2")
    settings = load_settings()
    assert settings.allowed_hosts == ("fairlead.example",)
    assert settings.oidc_roles == {"sales-ops": Role.PLANNER}
    assert "hunter2" not in repr(settings)


def test_every_setting_says_what_it_is() -> None:
    assert not [name for name, field in Settings.model_fields.items() if not field.description]
