"""Problems in which lower limits come down together: who takes them, and how to do without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.problem import Problem
    from models.resource import Relief, Resource


def reliefs(problem: Problem) -> list[tuple[int, Resource, Relief]]:
    """Return the place, the resource and the relief of each resource that has one."""
    return [
        (at, resource, resource.relief)
        for at, resource in enumerate(problem.resources)
        if resource.relief is not None
    ]


def without_relief(engine: str, problem: Problem) -> str | None:
    """Return why an engine that knows no reliefs cannot take a problem; None where it has none."""
    if not (found := reliefs(problem)):
        return None
    return f"{engine} takes no lower limits that come down together, as those of {found[0][1].name}"


def lowered(problem: Problem, steps: float) -> Problem:
    """Return the problem without reliefs: so many steps are taken, what they cost is left out."""
    resources = list(problem.resources)
    for at, resource, relief in reliefs(problem):
        lower = resource.lower - steps * relief.step
        resources[at] = replace(resource, lower=lower, relief=None)
    return replace(problem, resources=tuple(resources))
