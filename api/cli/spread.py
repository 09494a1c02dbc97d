"""Options that several commands share, said once, as the fields of a record."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Command = Callable[..., None]


def spread(record: type[Any]) -> Callable[[Command], Command]:
    """Return what gives a command the fields of a dataclass as further options.

    Typer reads options off a command's signature. The command itself takes the record, as its
    keyword argument `shared`; what Typer sees and calls has the fields in its place.
    """

    def spread_over(command: Command) -> Command:
        own = inspect.signature(command, eval_str=True).parameters
        fields = inspect.signature(record, eval_str=True).parameters
        seen = {**own, **fields}
        del seen["shared"]

        @wraps(command)
        def called(**options: Any) -> None:
            shared = record(**{name: options.pop(name) for name in fields})
            command(**options, shared=shared)

        # By keyword only: options without a default may then follow others.
        parameters = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in seen.values()]
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {each.name: each.annotation for each in parameters}
        return called

    return spread_over
