"""Errors that another process told."""

from __future__ import annotations

import pytest

from models import errors
from models.errors import FairleadError, error_of

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)]


@pytest.mark.parametrize("kind", [each for each in KINDS if issubclass(each, FairleadError)])
def test_every_error_comes_back_with_its_text(kind: type[FairleadError]) -> None:
    told = error_of(kind.__name__, "no plan exists")
    assert str(told) == "no plan exists"
    # Those that hold faults one by one cannot be made again from their text.
    holds_more = issubclass(kind, (errors.InputError, errors.PolicyError))
    assert type(told) is (FairleadError if holds_more else kind)


def test_a_name_of_something_else_is_a_plain_error() -> None:
    for name in ("IssueLog", "print", "KeyError", ""):
        assert type(error_of(name, "x")) is FairleadError
