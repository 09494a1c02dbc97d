"""Callers who were recognized a moment ago are not looked up, and never for long."""

from __future__ import annotations

import pytest

from api.errors import UnauthenticatedError
from api.services.access.principal import Principal
from api.services.access.recent import KNOWN_FOR, RecentCallers
from api.services.access.roles import Role

SOMEBODY = Principal.of("key:1", "somebody", Role.VIEWER, {})


class Clock:
    """Tells the time that it is set to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_was_recognized_is_known_for_less_than_a_second() -> None:
    clock, asked = Clock(), []
    recent: RecentCallers[Principal] = RecentCallers(clock=clock)

    def look_up() -> Principal:
        asked.append(clock.now)
        return SOMEBODY

    for clock.now in (0.0, KNOWN_FOR / 2, KNOWN_FOR, KNOWN_FOR * 1.4, KNOWN_FOR * 2):
        assert recent.get("secret", look_up) is SOMEBODY
    assert asked == [0.0, KNOWN_FOR, KNOWN_FOR * 2]
    assert KNOWN_FOR < 1
    recent.forget()
    recent.get("secret", look_up)
    assert len(asked) == 4
    recent.get("other", look_up)
    assert len(asked) == 5


def test_who_is_nobody_is_not_remembered() -> None:
    recent: RecentCallers[Principal] = RecentCallers(clock=Clock())

    def nobody() -> Principal:
        raise UnauthenticatedError("nobody")

    for _ in range(2):
        with pytest.raises(UnauthenticatedError):
            recent.get("secret", nobody)
    assert recent.get("secret", lambda: SOMEBODY) is SOMEBODY


def test_secrets_are_not_kept() -> None:
    recent: RecentCallers[Principal] = RecentCallers(clock=Clock())
    recent.get("flk_secret", lambda: SOMEBODY)
    assert "flk_secret" not in repr(vars(recent))
