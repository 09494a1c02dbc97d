"""What a change is: a small frozen record that checks, describes and applies itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.what_if.draft import Draft


class Change(BaseModel):
    """Base of every change."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    holds_totals: ClassVar[bool] = True
    """Whether fair shares stay parts of what the base has to share."""

    @abstractmethod
    def sentence(self) -> str:
        """Return the change in plain English."""

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield what keeps it from being applied to a draft."""
        yield from ()

    @abstractmethod
    def apply(self, draft: Draft) -> None:
        """Make the change, which has no faults."""
