"""The log: one line an event, and nothing in it that must not be read."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.logs import hidden, start_log
from api.settings import LogFormat, LogLevel, Settings
from tests.api.company import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapi.testclient import TestClient

    Start = Callable[..., None]

SECRETS = (
    "flk_" + "N9C7k2" * 8,
    "Authorization: Bearer abcdefgh12345678",
    "postgresql://ann:hunter2canary@localhost/x",
    "GET /sign-in?token=canary12345&x=1",
    "eyJhbGciOiJub25lIn0.eyJjYW5hcnkiOjF9.canary",
    "person.canary+1@example.org",
    "__Host-fairlead=canary123",
)


@pytest.fixture
def start() -> Iterator[Start]:
    """Give what starts the log; afterwards it is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def begin(form: LogFormat = LogFormat.JSON, level: LogLevel = LogLevel.INFO) -> None:
        start_log(Settings(log_format=form, log_level=level))

    yield begin
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_one_event_is_one_line(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    text = st.text() | st.sampled_from(["a\nb", "a\r\nERROR it", "\x1b[2J", "\u2028", "\x85"])

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(text, text, st.sampled_from([LogFormat.JSON, LogFormat.TEXT]))
    def check(event: str, value: str, form: LogFormat) -> None:
        start(form)
        capsys.readouterr()
        structlog.stdlib.get_logger("ours").info(event, value=value)
        logging.getLogger("theirs").warning("%s", event)
        told = capsys.readouterr().err
        assert len(told.splitlines()) == 2, told
        assert "\x1b[2J" not in told
        if form is LogFormat.JSON:
            assert all(
                {"event", "level", "timestamp"} <= json.loads(line).keys()
                for line in told.splitlines()
            )

    check()


@pytest.mark.parametrize("form", [LogFormat.JSON, LogFormat.TEXT])
def test_secrets_are_not_written(
    start: Start, capsys: pytest.CaptureFixture[str], form: LogFormat
) -> None:
    start(form)
    for secret in SECRETS:
        structlog.stdlib.get_logger("ours").info(secret, value=secret)
        logging.getLogger("theirs").warning("it was %s", secret)
        try:
            raise ValueError(secret)
        except ValueError:
            logging.getLogger("theirs").exception("it failed")
    told = capsys.readouterr().err
    assert len(told.splitlines()) >= 3 * len(SECRETS)
    for canary in ("canary", "hunter2", "N9C7k2", "abcdefgh12345678"):
        assert canary not in told.replace("theirs", "")


def test_what_is_no_secret_stays() -> None:
    for text in ("run 0f8fad5bd9cb469fa16570867728950e", "3 of 4 at 12:30", "key:abc", "L01@"):
        assert hidden(text) == text


def test_levels(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start(level=LogLevel.WARNING)
    logging.getLogger("theirs").info("little")
    structlog.stdlib.get_logger("ours").warning("much")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "much"


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_a_request_is_one_line(
    client: TestClient, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    start()
    headers = {"X-Request-Id": "from-the-proxy.1"}
    new = {"name": "canary-name", "text": POLICY}
    made = client.post("/v1/policies", json=new, headers=headers)
    client.get("/v1/runs?kind=canary-query")
    assert made.headers["x-request-id"] == "from-the-proxy.1"
    told = capsys.readouterr().err
    line, _ = [json.loads(line) for line in told.splitlines() if '"request"' in line]
    assert {name: line[name] for name in ("method", "route", "status", "request_id")} == {
        "method": "POST",
        "route": "/v1/policies",
        "status": 201,
        "request_id": "from-the-proxy.1",
    }
    assert line["caller"].startswith("key:")
    assert "canary" not in told


@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_an_id_that_could_be_anything_is_not_taken(client: TestClient) -> None:
    for given_ in ("a b", "x" * 65, "", 'a","b":"', "%0a"):
        told = client.get("/v1/policies", headers={"X-Request-Id": given_})
        assert len(told.headers["x-request-id"]) == 32
    missing = client.get(f"/v1/policies/{'0' * 32}")
    assert missing.json()["request_id"] == missing.headers["x-request-id"]
