"""Tests of finding one word in two spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.files.importing.similar_values import similar_pairs


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("technolgy", "technology"),  # a letter left out
        ("Philipines", "Philippines"),
        ("Germanny", "Germany"),  # one too many
        ("Industrie", "Industria"),  # another letter
        ("Healthcare", "Haelthcare"),  # two swapped
        ("GTXPro", "GTX Pro"),  # spacing
        ("gtx pro", "GTX-Pro"),
        ("en", "EN"),  # case
        ("U.S", "US"),
        ("North America", "North Amrica"),
    ],
)
def test_one_word_in_two_spellings(one: str, other: str) -> None:
    assert similar_pairs([other, one]) == {(min(one, other), max(one, other))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Plan A", "Plan B"),  # short runs of letters tell things apart
        ("East", "Eats"),
        ("US", "UK"),
        ("A", "A+"),
        ("A-", "A"),
        ("GTX 500", "GTX 501"),  # so do digits
        ("1.2", "12"),
        ("Gambia", "Zambia"),  # and first letters
        ("Austria", "Australia"),  # two letters
        ("x" * 100, "x" * 101),
    ],
)
def test_two_words(one: str, other: str) -> None:
    assert similar_pairs([one, other]) == set()


WORDS = st.text("abcAB 12-", min_size=1, max_size=12)


@given(st.lists(WORDS, max_size=20))
def test_pairs_do_not_depend_on_order_or_on_other_words(words: list[str]) -> None:
    pairs = similar_pairs(words)
    assert pairs == similar_pairs(reversed(words))
    for one in words:
        for other in words:
            if one < other:
                assert ((one, other) in pairs) == bool(similar_pairs([one, other]))
