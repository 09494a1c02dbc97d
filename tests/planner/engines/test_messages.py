"""Messages arrive as they were sent, and nothing else arrives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.engines.messages import (
    ALLOWED_BYTES,
    LONGEST_LINE,
    LONGEST_TEXT,
    Done,
    EngineFault,
    Found,
    LineReader,
    Message,
    OutOfMemory,
    Refused,
    Solving,
    decode,
    encode,
    newest,
)

MESSAGES: list[Message] = [
    Solving("exact"),
    Found(chosen=True, prices=False, bound=-1.5, text="node 7\nof \N{SNOWMAN}"),
    Found(chosen=False, prices=True, bound=None, text="", multipliers=True),
    Done(
        "optimal", "", chosen=True, prices=True, bound=np.inf, bound_source="solver", iterations=3
    ),
    Done(
        "time_limit",
        "",
        chosen=True,
        prices=False,
        bound=None,
        bound_source="prices",
        iterations=0,
        conflict=True,
    ),
    Refused("ProblemError", "row 7"),
    OutOfMemory(),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_survive_the_pipe(message: Message) -> None:
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


@given(st.integers(1, 50))
def test_lines_may_be_cut_anywhere(size: int) -> None:
    data = b"".join(map(encode, MESSAGES))
    reader = LineReader()
    chunks = [data[first : first + size] for first in range(0, len(data), size)]
    assert [message for chunk in chunks for message in reader.feed(chunk)] == MESSAGES


@given(st.binary(max_size=200))
def test_noise_is_no_message(noise: bytes) -> None:
    with pytest.raises(EngineFault, match="the engine's process sent no message but"):
        decode(noise)


@given(
    st.sampled_from(MESSAGES),
    st.data(),
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.just(float("nan"))
    | st.lists(st.none()),
)
def test_fields_of_other_types_are_refused(
    message: Message, data: st.DataObject, value: object
) -> None:
    content = json.loads(encode(message))
    name = data.draw(st.sampled_from(sorted(content)))
    content[name] = value
    line = json.dumps(content).encode()
    try:
        got = decode(line)
    except EngineFault:
        return
    assert json.loads(encode(got)) == {**content, name: value}
    assert type(getattr(got, name)) is type(value)


def test_steps_below_zero_are_refused() -> None:
    line = encode(MESSAGES[3]).replace(b'"iterations": 3', b'"iterations": -3')
    with pytest.raises(EngineFault):
        decode(line)


def test_texts_are_cut_before_a_line_gets_too_long() -> None:
    line = encode(Refused("ProblemError", "\N{ELEPHANT}" * 100_000))
    assert len(line) < LONGEST_LINE
    got = decode(line)
    assert isinstance(got, Refused)
    assert len(got.text) == LONGEST_TEXT


def test_a_line_without_end_is_refused() -> None:
    reader = LineReader()
    assert reader.feed(b" " * LONGEST_LINE) == []
    with pytest.raises(EngineFault, match="a line of more than 65536 bytes"):
        reader.feed(b" ")


def test_a_flood_is_refused() -> None:
    line = encode(Solving("x"))
    with pytest.raises(EngineFault, match="flooded its parent with"):
        LineReader().feed(line * (3 * ALLOWED_BYTES // len(line)))


def test_what_was_found_is_joined() -> None:
    first = Found(chosen=True, prices=False, bound=5.0, text="one")
    second = Found(chosen=False, prices=True, bound=4.0, text="two")
    third = Found(chosen=False, prices=False, bound=None, text="", multipliers=True)
    joined = Found(chosen=True, prices=True, bound=4.0, text="two", multipliers=True)
    done = MESSAGES[3]
    assert newest([Solving("x"), first, second, third, done]) == [Solving("x"), joined, done]
    assert newest([first, done]) == [first, done]
    assert newest([]) == []
