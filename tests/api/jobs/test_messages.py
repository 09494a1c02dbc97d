"""Lines of a run's process: what they mean, and what is no message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jobs.messages import (
    ALLOWED_BYTES,
    LONGEST_LINE,
    Answered,
    ChildFault,
    LineReader,
    OutOfMemory,
    Refused,
    Told,
    encode,
)

MESSAGES = st.one_of(
    st.just(Answered()),
    st.just(OutOfMemory()),
    st.builds(Refused, error=st.text(max_size=20), text=st.text(max_size=200)),
    st.builds(
        Told,
        is_built=st.booleans(),
        progress=st.dictionaries(st.text(max_size=5), st.integers(-9, 9), max_size=3),
    ),
)


@given(st.lists(MESSAGES, max_size=8), st.data())
def test_cut_anywhere_they_are_the_same(sent: list[Told | Refused], data: st.DataObject) -> None:
    line = b"".join(map(encode, sent))
    cut = data.draw(st.integers(0, len(line)))
    reader = LineReader()
    heard = [*reader.feed(line[:cut]), *reader.feed(line[cut:])]
    # Of progress that comes at once, the newest counts; everything else is heard in its order.
    others = [message for message in sent if not isinstance(message, Told)]
    assert [message for message in heard if not isinstance(message, Told)] == others
    told = [message for message in sent if isinstance(message, Told)]
    assert [message for message in heard if isinstance(message, Told)][-1:] == told[-1:]


@given(st.binary(min_size=1, max_size=60))
def test_anything_else_is_a_fault(data: bytes) -> None:
    with pytest.raises(ChildFault, match="sent no message but"):
        LineReader().feed(b"\x00" + data.replace(b"\n", b"") + b"\n")


def test_too_much_is_a_fault() -> None:
    with pytest.raises(ChildFault, match="a line of more than"):
        LineReader().feed(b"x" * (LONGEST_LINE + 1))
    reader = LineReader()
    line = encode(Refused(error="e", text="x" * 100_000))
    for _ in range(ALLOWED_BYTES // len(line)):
        reader.feed(line)
    with pytest.raises(ChildFault, match="flooded its worker with"):
        reader.feed(line * 2)
