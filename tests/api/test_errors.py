"""The service's errors: stable codes, right statuses, all of them in the drawn tree."""

from __future__ import annotations

import re

import api.errors
from api.errors import ServiceError
from models.errors import FairleadError


def kinds(root: type[ServiceError] = ServiceError) -> list[type[ServiceError]]:
    """Return an error class and all that derive from it."""
    return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]


def test_the_drawn_tree_is_the_code() -> None:
    drawing = api.errors.__doc__ or ""
    drawn = re.findall(r"^[|+\- ]*(\w+Error) +(\d{3}) (\w+)", drawing, re.MULTILINE)
    assert sorted(drawn) == sorted((kind.__name__, str(kind.status), kind.code) for kind in kinds())


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(set(codes)) == len(codes)


def test_each_is_an_error_that_the_command_line_can_print() -> None:
    assert issubclass(ServiceError, FairleadError)
    assert str(ServiceError("the sentence")) == "the sentence"
