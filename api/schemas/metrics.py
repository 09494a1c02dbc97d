"""Figures."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Given


class MetricGiven(Given):
    """A figure that labels itself."""

    name: str
    title: str
    description: str
    unit: str = Field(description="money (in the plan's currency), leads, hours, share or nothing")
    better: str = Field(description="more, less, or nothing where neither is better")
    value: float | None = Field(
        description="null where the plan has no such figure, or it tells of the whole company and "
        "you see a part"
    )
