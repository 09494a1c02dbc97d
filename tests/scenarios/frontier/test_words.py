"""What frontiers say, from rows made by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scenarios.frontier.frontier import Frontier, assembled
from scenarios.frontier.moves_axis import MovesAxis
from scenarios.frontier.words import sentences

MOVES = MovesAxis(has_section=False, has_rule=False, keys=frozenset())


def row(
    epsilon: float, value: float | None, gap: float = 0.0, over: float = 0.0, status: str = "solved"
) -> dict[str, Any]:
    """Return what a frontier tells of a plan."""
    return {
        "scenario": f"moves at most {epsilon:.0f}",
        "expected_value": value,
        "objective": value,
        "bound": None if value is None else value + gap,
        "gap_money": gap,
        "gap": 0.0,
        "moves": epsilon,
        "gini": 0.1,
        "widest_deviation": None,
        "overload": over,
        "status": status,
        "detail": "",
        "plan": "",
    }


def frontier(*rows: dict[str, Any]) -> Frontier:
    return assembled((MOVES,), "USD", {(float(each["moves"]),): each for each in rows})


def test_a_knee() -> None:
    found = frontier(row(0, 1000), row(120, 220_600), row(300, 258_400))
    assert sentences(found) == [
        "Up to 120 moves, each move brings 1,830 USD; beyond, only 210 USD.",
        "The plan there, moves at most 120, has an expected value of 220,600 USD, "
        "85.4% of the most.",
    ]


def test_a_knee_that_gaps_leave_open() -> None:
    found = frontier(row(10, 100, gap=90), row(20, 180, gap=30), row(40, 200, gap=5))
    assert sentences(found) == [
        "From 10 moves up to 20 moves, each move brings 8.00 USD; beyond, only 1.00 USD, which "
        "lies within the gap.",
        "The plan there, moves at most 20, has an expected value of 180 USD, 90.0% of the most.",
        "The gaps of the plans are too wide to prove this bend; a smaller gap or a longer time "
        "limit may move it.",
    ]


def test_no_knee() -> None:
    straight = frontier(row(0, 0), row(10, 100), row(20, 200))
    assert sentences(straight) == [
        "There is no bend: each move between 0 moves and 20 moves brings about 10 USD."
    ]
    flat = frontier(row(0, 100), row(10, 100))
    assert sentences(flat) == ["More than 0 moves brings nothing."]
    assert flat.frame["is_efficient"].tolist() == [True, False]
    only = frontier(row(0, None, status="impossible"), row(2, 5.0))
    assert sentences(only) == [
        "Nothing is to be traded: without a limit the plan takes 2 moves, and no other limit holds "
        "a plan."
    ]


def test_the_narrow_end() -> None:
    rows = (row(10, 100), row(20, 200))
    proved = frontier(row(0, None, status="impossible"), *rows)
    assert "The narrowest limit that holds a plan is 10 moves; 0 moves is impossible." in sentences(
        proved
    )
    late = frontier(row(9, None, status="no_plan"), *rows)
    assert sentences(late)[-1].endswith("is 10 moves; under 9 moves, no plan was found.")


def test_a_plan_that_was_stopped_too_early() -> None:
    found = frontier(row(0, 100), row(10, 90, gap=50), row(20, 130))
    assert found.frame["is_efficient"].all()
    assert sentences(found)[-1] == (
        "Differences of up to 40 USD lie within the gaps: moves at most 10 brings less than a plan "
        "under narrower limits, but may have stopped too early."
    )


def test_a_narrower_limit_has_no_higher_bound() -> None:
    found = frontier(row(0, 900, over=3.5), row(10, 90, gap=500), row(20, 130, gap=20))
    assert found.frame["bound"].tolist() == [900, 150, 150]
    assert found.frame["gap_money"].tolist() == [0, 60, 20]


def test_books_over_their_limits_stand_apart() -> None:
    found = frontier(row(0, 900, over=3.5), row(10, 100), row(20, 180), row(40, 200))
    assert found.frame["is_efficient"].all()
    assert found.frame["is_knee"].tolist() == [False, False, True, False]
    told = sentences(found)
    assert (
        told[0] == "From 10 moves up to 20 moves, each move brings 8.00 USD; beyond, only 1.00 USD."
    )
    assert "In 1 plan " in told[-1]
    assert "with less than 10 moves" in told[-1]
    (alone,) = sentences(frontier(row(0, 900, over=3.5), row(10, 950, over=2), row(20, 180)))
    assert alone.startswith("In 2 plans books stay farther over a limit")


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 50), st.integers(0, 9), st.integers(0, 1)),
        min_size=1,
        unique_by=lambda each: each[0],
    )
)
def test_rows_and_words_agree(drawn: list[tuple[int, int, int, int]]) -> None:
    found = frontier(*(row(cost, value, gap, over) for cost, value, gap, over in drawn))
    assert found.frame["epsilon"].is_monotonic_increasing
    assert found.frame["is_efficient"].any()
    knees = found.frame[found.frame["is_knee"]]
    assert len(knees) == (found.knee is not None)
    assert knees["is_efficient"].all()
    assert (knees["overload"] == found.frame["overload"].min()).all()
    assert sentences(found)[0].startswith(
        "No" if len(drawn) == 1 else ("Up", "Fr", "Th", "Mo", "In")
    )
