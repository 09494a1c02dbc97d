"""The settings of the service, each read from an environment variable `FAIRLEAD_...`."""

from __future__ import annotations

import os
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from api.schemas.roles import Role
from models.errors import UsageError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "FAIRLEAD_"
DATABASE_FILE = "fairlead.db"
ALMOST = 0.9
"""How alike two names are (0 to 1) if one is the other, misspelt."""
BEATS_PER_LEASE = 3
"""Two beats may be lost before a run is taken from its worker."""


class LogFormat(StrEnum):
    """How events are written."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class LogLevel(StrEnum):
    """Which events are written: these, and graver ones."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """What an installation may choose; each field says its variable's meaning and unit."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", allow_inf_nan=False
    )

    data: Path = Field(
        default=Path("fairlead-data"),
        description="directory of the plans' files and, without a database URL, of the database",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        f"without it, SQLite in {DATABASE_FILE} of the data directory",
    )
    lock_seconds: float = Field(
        default=30.0, gt=0, description="how long a write waits for another one to end"
    )
    silent_seconds: float = Field(
        default=5.0,
        gt=0,
        description="for how long PostgreSQL may say nothing before it is asked whether it is "
        "there, and within which (2 s at least) it must answer that",
    )
    lease_seconds: float = Field(
        default=30.0,
        gt=0,
        description="how long after its last sign of life a worker keeps its run",
    )
    attempts: int = Field(
        default=3, ge=1, description="how many workers may begin a run before it has failed"
    )
    poll_seconds: float = Field(
        default=1.0, gt=0, description="how often an idle worker looks for a run"
    )
    grace_seconds: float = Field(
        default=10.0,
        ge=0,
        description="how long a worker that is told to end waits for its run to stop by itself",
    )

    answer_seconds: float = Field(
        default=60.0, gt=0, description="how long a question about tables or a plan may take"
    )
    max_body_mb: float = Field(
        default=512.0, gt=0, description="how large a request may be, in megabytes"
    )
    run_memory_mb: int | None = Field(
        default=None, ge=512, description="how much memory a run may take, in megabytes"
    )
    run_threads: int = Field(default=2, ge=1, le=1024, description="how many threads a run may use")
    max_run_seconds: float = Field(
        default=3600.0, gt=0, description="how long a run may solve, in seconds"
    )
    max_run_iterations: int = Field(
        default=1_000_000, ge=1, description="how many steps a run without a time limit may take"
    )
    max_streams: int = Field(
        default=100, ge=1, description="how many callers may follow the events of runs at a time"
    )
    max_pairs: int = Field(
        default=100_000_000, ge=1, description="how many leads x reps a run may have"
    )
    runs_per_caller: int = Field(
        default=20, ge=1, description="how many runs of one caller may wait or be under way"
    )
    four_eyes: bool = Field(
        default=True,
        description="whether the person who submits a publication must not be who approves it",
    )
    tick_seconds: float = Field(
        default=5.0,
        gt=0,
        description="how often workers look for schedules and publications that are due",
    )
    import_folders: tuple[Path, ...] = Field(
        default=(), description="folders under which schedules may read exports"
    )
    publish_seconds: float = Field(
        default=600.0,
        gt=0,
        description="how long it may take to take tables in, to check a plan again, or to make "
        "what is published",
    )
    claims_per_rep: int = Field(
        default=10,
        ge=0,
        description="how many leads a rep may claim from the pool between two publications",
    )
    claim_cool_down_hours: float = Field(
        default=168.0,
        ge=0,
        description="how long a rep who returned a lead may not claim it again",
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "testserver"),
        description="names under which the server is reached",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/?#@]+$",
        description="where browsers reach the server, without a path: SCHEME://HOST[:PORT]",
    )
    secure_cookies: bool = Field(
        default=True,
        description="whether a browser sends its session only over https (and to localhost)",
    )
    session_hours: float = Field(
        default=12.0, gt=0, le=720, description="how long a sign-in lasts at most"
    )
    session_idle_minutes: float = Field(
        default=60.0, gt=1, description="how long a sign-in lasts without a request"
    )
    sign_in_minutes: float = Field(
        default=15.0,
        gt=0,
        le=1440,
        description="how long a one-time link, or a sign-in under way, may be used",
    )
    requests_per_minute: int = Field(
        default=1200, ge=1, description="how many requests one caller may send in a minute"
    )
    burst: int = Field(
        default=100, ge=1, description="how many requests one caller may send in a second"
    )
    body_seconds: float = Field(
        default=30.0,
        gt=0,
        description="how long a request's body may keep the server waiting; large ones get a "
        "second more per 64 KB",
    )
    header_seconds: float = Field(
        default=15.0, gt=0, description="how long a request's headers may take to arrive"
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="the identity provider's issuer, as its tokens name it; without it, there "
        "are only keys",
    )
    oidc_audience: str | None = Field(
        default=None, description="whom the provider's tokens for this API must be meant for"
    )
    oidc_algorithm: Literal["RS256", "ES256"] = Field(
        default="RS256", description="how the provider signs; no other way is believed"
    )
    oidc_jwks_url: str | None = Field(
        default=None, description="where the provider's keys are; else its discovery tells"
    )
    oidc_hosts: tuple[str, ...] = Field(
        default=(),
        description="hosts of the provider besides those of its issuer and its keys' address",
    )
    oidc_client_id: str | None = Field(
        default=None, description="what the provider calls this server, to sign browsers in"
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="what shows the provider that it is this server, if it asks"
    )
    oidc_scopes: str = Field(
        default="openid profile email", description="what is asked for when a browser signs in"
    )
    oidc_role_claim: str = Field(
        default="roles", description="the claim of a token that says what its holder is"
    )
    oidc_roles: dict[str, Role] = Field(
        default={},
        description="which value of that claim is which role; the first that a token has counts",
    )
    oidc_teams_claim: str | None = Field(
        default=None,
        description="the claim with the teams that a holder is limited to (`*`: to none); without "
        "it, nobody is limited",
    )
    oidc_regions_claim: str | None = Field(
        default=None, description="the claim with the regions that a holder is limited to"
    )
    oidc_rep_claim: str = Field(
        default="rep_id", description="the claim that says which rep a holder is"
    )
    oidc_on_loopback: bool = Field(
        default=False,
        description="whether the provider may be on this machine without https, as in tests",
    )

    log_format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="json, a line each; text, for people; or auto: text on a terminal, else json",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, description="which events are logged: debug, info, warning or error"
    )
    metrics_open: bool = Field(
        default=False, description="whether anybody who reaches the server may read /metrics"
    )
    retention_days: int = Field(
        default=400,
        ge=1,
        description="after how many days the files of snapshots and plans are removed, but those "
        "behind the current publication, and publications that nobody published are rejected",
    )
    answer_days: int = Field(
        default=7, ge=1, description="for how many days a repeated idempotency key is recognized"
    )

    @property
    def heartbeat_seconds(self) -> float:
        """Seconds between two signs of life of a worker."""
        return self.lease_seconds / BEATS_PER_LEASE

    @property
    def url(self) -> str:
        """The database's URL, with its password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        # A `?` would end the path, and a `%` begin a letter of it.
        return f"sqlite:///{quote(str(self.data.absolute() / DATABASE_FILE), safe='/ ')}"


def load_settings() -> Settings:
    """Return the settings of this process's environment.

    Raises
    ------
    UsageError : variables have values that are not allowed, or names that are almost those of
        settings; the text lists each, and never its value, which may be a password
    """
    misspelt = _misspelt()
    if misspelt:
        raise UsageError("\n".join(["the environment does not fit:", *misspelt]))
    try:
        return Settings()
    except ValidationError as error:
        faults = [_sentence(fault) for fault in error.errors(include_input=False)]
    except SettingsError as error:
        # Its text names the field and not the value.
        faults = [f"  {error}; lists and tables are written as JSON"]
    raise UsageError("\n".join(["the environment does not fit:", *faults]))


def _misspelt() -> list[str]:
    """Return a sentence for each variable that was meant to be a setting, and would do nothing."""
    names = [name.upper() for name in Settings.model_fields]
    told = []
    for name in sorted(os.environ):
        own = name.upper().removeprefix(PREFIX)
        if name.upper().startswith(PREFIX) and own not in names:
            for meant in get_close_matches(own, names, 1, ALMOST):
                told.append(f"  {name} is no setting; write {PREFIX}{meant}, or remove it")
    return told


def _sentence(fault: ErrorDetails) -> str:
    name = "".join(str(part) for part in fault["loc"][:1])
    message = fault["msg"][:1].lower() + fault["msg"][1:]
    meaning = Settings.model_fields[name].description
    return f"  {PREFIX}{name.upper()}: {message}; it is {meaning}"
