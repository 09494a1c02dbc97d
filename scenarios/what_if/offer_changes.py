"""Reps learn a skill, or sell a new product."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from models.columns import EVERYTHING
from models.lists import split_list
from models.where import Where
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.what_if.draft import Draft


class Train(Change):
    """Reps learn a skill.

    Attributes
    ----------
    skill : what they learn
    where : which reps; all if not given
    """

    name: ClassVar[str] = "train"

    skill: str = Field(min_length=1, pattern=r"^[^;]+$")
    where: Where | None = None

    def sentence(self) -> str:
        """Return the change in plain English."""
        who = f"Reps where {self.where.sentence()}" if self.where else "All reps"
        return f"{who} learn {self.skill}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a filter that matches no rep."""
        yield from draft.filter_faults("reps", self.where)

    def apply(self, draft: Draft) -> None:
        """Add the skill to theirs."""
        offer(draft, "skills", self.skill, self.where)


class NewProduct(Change):
    """Reps sell a product that they did not.

    Attributes
    ----------
    product : its name, as leads have it
    where : which reps; all if not given
    """

    name: ClassVar[str] = "new_product"

    product: str = Field(min_length=1, pattern=r"^[^;]+$")
    where: Where | None = None

    def sentence(self) -> str:
        """Return the change in plain English."""
        who = f"Reps where {self.where.sentence()}" if self.where else "All reps"
        return f"{who} sell {self.product}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a filter that matches no rep."""
        yield from draft.filter_faults("reps", self.where)

    def apply(self, draft: Draft) -> None:
        """Add the product to theirs."""
        offer(draft, "products", self.product, self.where)


def offer(draft: Draft, column: str, what: str, where: Where | None) -> None:
    """Add a word to a list column of some reps who do not have it."""
    who = draft.mask("reps", where)
    cells = []
    for cell, learns in zip(draft.column("reps", column), who, strict=True):
        words = split_list(cell) if isinstance(cell, str) else ()
        if learns and what not in words and EVERYTHING not in words:
            words = (*words, what)
        cells.append(";".join(words) or None)
    draft.reps[column] = cells
