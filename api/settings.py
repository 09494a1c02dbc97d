"""The settings of the service, each read from an environment variable `FAIRLEAD_...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.errors import UsageError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "FAIRLEAD_"
DATABASE_FILE = "fairlead.db"
BEATS_PER_LEASE = 3
"""Two beats may be lost before a run is taken from its worker."""


class Settings(BaseSettings):
    """What an installation may choose; each field says its variable's meaning and unit."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

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
        description="whether who submits a publication must not be who approves it",
    )
    import_folders: tuple[Path, ...] = Field(
        default=(), description="folders under which schedules may read exports"
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=("localhost", "127.0.0.1", "testserver"),
        description="names under which the server is reached",
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
        return f"sqlite:///{self.data.absolute() / DATABASE_FILE}"


def load_settings() -> Settings:
    """Return the settings of this process's environment.

    Raises
    ------
    UsageError : variables have values that are not allowed; the text lists each, and never its
        value, which may be a password
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [_sentence(fault) for fault in error.errors(include_input=False)]
    raise UsageError("\n".join(["the environment does not fit:", *faults]))


def _sentence(fault: ErrorDetails) -> str:
    name = "".join(str(part) for part in fault["loc"][:1])
    message = fault["msg"][:1].lower() + fault["msg"][1:]
    meaning = Settings.model_fields[name].description
    return f"  {PREFIX}{name.upper()}: {message}; it is {meaning}"
