"""Reps learn a skill, or sell a new product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from models.columns import EVERYTHING
from models.lists import split_list
from models.where import Where
from scenarios.what_if.change import Change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scenarios.what_if.draft import Draft


Word = Annotated[str, Field(min_length=1, pattern=r"^[^;]+$")]
"""An entry of a list cell."""


class ForReps(Change):
    """Base of what some reps offer from now on.

    Attributes
    ----------
    where : which reps; all if not given
    """

    where: Where | None = None

    def told(self, what: str) -> str:
        """Return what the reps do, in plain English."""
        who = f"Reps where {self.where.sentence()}" if self.where else "All reps"
        return f"{who} {what}."

    def faults(self, draft: Draft) -> Iterator[str]:
        """Yield a filter that matches no rep."""
        yield from draft.filter_faults("reps", self.where)

    def offer(self, draft: Draft, column: str, what: str) -> None:
        """Add a word to a list column of the reps who do not have it."""
        who = draft.mask("reps", self.where)
        cells = []
        for cell, learns in zip(draft.column("reps", column), who, strict=True):
            words = split_list(cell) if isinstance(cell, str) else ()
            if learns and what not in words and EVERYTHING not in words:
                words = (*words, what)
            cells.append(";".join(words) or None)
        draft.reps[column] = cells


class Train(ForReps):
    """Reps learn a skill.

    Attributes
    ----------
    skill : what they learn
    """

    name: ClassVar[str] = "train"

    skill: Word

    def sentence(self) -> str:
        """Return the change in plain English."""
        return self.told(f"learn {self.skill}")

    def apply(self, draft: Draft) -> None:
        """Add the skill to theirs."""
        self.offer(draft, "skills", self.skill)


class NewProduct(ForReps):
    """Reps sell a product that they did not.

    Attributes
    ----------
    product : its name, as leads have it
    """

    name: ClassVar[str] = "new_product"

    product: Word

    def sentence(self) -> str:
        """Return the change in plain English."""
        return self.told(f"sell {self.product}")

    def apply(self, draft: Draft) -> None:
        """Add the product to theirs."""
        self.offer(draft, "products", self.product)
