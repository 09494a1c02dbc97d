"""A shelf keeps what was asked for last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.services.desk.shelf import Shelf


@given(size=st.integers(1, 3), asked=st.lists(st.integers(0, 5), max_size=30))
def test_the_last_few_are_at_hand(size: int, asked: list[int]) -> None:
    shelf: Shelf[int] = Shelf(size)
    last: list[int] = []
    made: list[int] = []

    def make() -> int:
        made.append(0)
        return len(made)

    for key in asked:
        before = len(made)
        shelf.get(key, make)
        assert (len(made) > before) == (key not in last)
        last = [key, *(other for other in last if other != key)][:size]
