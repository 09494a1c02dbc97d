"""What is written as YAML is read as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.files.yaml_reader import parse_yaml
from models.files.yaml_writer import written

TEXTS = st.text() | st.from_regex(r"[-+]?[0-9.]{0,3}[eE]?[-+]?[0-9]{1,3}", fullmatch=True)
KEYS = TEXTS.filter(lambda text: len(text) < 100)
SCALARS = (
    TEXTS
    | st.booleans()
    | st.none()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


@given(st.dictionaries(KEYS, DATA, max_size=5))
def test_it_is_read_as_it_was(data: dict[str, Any]) -> None:
    again = parse_yaml(written(data)).data
    assert (again or {}) == data
    assert repr(again or {}) == repr(data)


@pytest.mark.parametrize("text", ["5E2", "1.5e3", ".5e3", "1.e5", "NO", "12:30", "~", "", "a\x85b"])
def test_a_text_stays_one(text: str) -> None:
    shared = [text]
    assert parse_yaml(written({text: [text, shared, shared]})).data == {
        text: [text, [text], [text]]
    }
