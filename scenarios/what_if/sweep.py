"""A sweep: the same policy with values from a grid in some of its places."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from models.errors import PolicyError, UsageError
from models.files.yaml_reader import parse_yaml
from scenarios.what_if.policy_changes import SetPolicy
from scenarios.what_if.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST = 10_000


def grid(values: Mapping[str, Sequence[Any]]) -> list[Scenario]:
    """Return a scenario for each combination of values, by their paths in the policy.

    Raises
    ------
    UsageError : there are none, or over ten thousand
    """
    count = 1
    for some in values.values():
        count *= len(some)
    if not values or not 0 < count <= MOST:
        raise UsageError(f"a sweep of {count:,} combinations; there must be 1 to {MOST:,}")
    return [
        Scenario(
            name=", ".join(
                f"{path}={_told(value)}" for path, value in zip(values, each, strict=True)
            ),
            changes=tuple(
                SetPolicy(path=path, value=value) for path, value in zip(values, each, strict=True)
            ),
        )
        for each in product(*values.values())
    ]


def parameter(text: str) -> tuple[str, list[Any]]:
    """Return path and values of `fairness.0.within=5%,10%`; each value is read as YAML.

    Raises
    ------
    UsageError : not of that form
    """
    path, sign, values = text.partition("=")
    if not (path and sign and values):
        raise UsageError(f"{text!r} is no parameter; write it as fairness.0.within=5%,10%")
    try:
        return path, [parse_yaml(value, text).data for value in values.split(",")]
    except PolicyError as error:
        raise UsageError(f"{text!r} cannot be read: {'; '.join(error.faults)}") from None


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
