"""The log: one line an event, of all that the process does, without secrets and contacts."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import structlog

from api.settings import LogFormat

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any

    from structlog.typing import Processor

    from api.settings import Settings

    Event = MutableMapping[str, Any]

HIDDEN = "***"
SECRETS = (
    # Keys of ours, and what stands in headers and addresses.
    (re.compile(r"flk_[\w-]{8,}"), f"flk_{HIDDEN}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"://[^\s/@]+@"), f"://{HIDDEN}@"),
    (re.compile(r"(?i)\b(token|code|state|key|secret|password)=[^\s&\"']+"), rf"\1={HIDDEN}"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    # A cookie of a browser that is signed in.
    (re.compile(r"(__Host-[\w-]+)=[^\s;]+"), rf"\1={HIDDEN}"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), f"{HIDDEN}@{HIDDEN}"),
)
"""What must not be read in a log, and what is written instead."""
SUSPECT = re.compile(r"[@=]|flk_|eyJ|(?i:bearer|basic)")
"""Stands in whatever any of them fits, and in few other texts: looked for first, to save time."""
CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
"""What ends a line or moves a terminal's cursor: with it, a text could pretend to be an event."""
QUIET = ("alembic", "httpx2", "watchfiles")
"""Libraries that tell nothing of interest below a warning."""


def start_log(settings: Settings) -> None:
    """Send every event of the process to standard error, in the form that settings say."""
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide,
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written(settings),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _written(settings: Settings) -> list[Processor]:
    for_people = sys.stderr.isatty()
    if settings.log_format is not LogFormat.AUTO:
        for_people = settings.log_format is LogFormat.TEXT
    if for_people:
        return [_in_one_line, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    # JSON escapes line breaks by itself, but not those that only Unicode knows.
    return [structlog.processors.JSONRenderer(ensure_ascii=True)]


def hidden(text: str) -> str:
    """Return a text without secrets and addresses of people."""
    if SUSPECT.search(text) is None:
        return text
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _hide(_logger: Any, _method: str, event: Event) -> Event:
    for name, value in event.items():
        # Records of the standard library come with theirs, which is put together elsewhere.
        if isinstance(value, str) and not name.startswith("_"):
            event[name] = hidden(value)
    return event


def _in_one_line(_logger: Any, _method: str, event: Event) -> Event:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = CONTROL.sub(lambda found: repr(found[0])[1:-1], value)
    return event
