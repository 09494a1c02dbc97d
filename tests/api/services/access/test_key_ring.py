"""Who covers whom: whoever is covered sees nothing that who covers them does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from api.services.access.key_ring import covers
from api.services.access.principal import Principal
from api.services.access.roles import RIGHTS, Right, Role
from api.services.access.visibility import visible

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

REPS = {"R1": "east", "R2": "east", "R3": "west", None: None}
REGIONS = ["US", "US/East", "US/East/NY", "US/Eastern", "US/West", None]
LEADS = pa.table(
    {
        "rep_id": [rep for rep in REPS for _ in REGIONS],
        "team": [team for team in REPS.values() for _ in REGIONS],
        "region": REGIONS * len(REPS),
        "number": list(range(len(REPS) * len(REGIONS))),
    }
)


def some(names: list[str]) -> SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(names), min_size=1, unique=True)


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    role = draw(st.sampled_from(Role))
    limits = {
        "rights": draw(some([str(right) for right in Right])),
        "teams": draw(some(["east", "west"])),
        "regions": draw(some([region for region in REGIONS if region])),
        "rep_id": draw(st.sampled_from(["R1", "R2", "R3"])) if role is Role.REP else None,
    }
    return Principal.of("key:x", "x", role, limits)


def seen(who: Principal) -> set[int]:
    return set(visible(who, LEADS)["number"].to_pylist())


@given(principals(), principals())
def test_who_is_covered_may_and_sees_no_more(who: Principal, other: Principal) -> None:
    if covers(who, other):
        assert other.rights <= who.rights
        assert seen(other) <= seen(who)


@given(principals(), principals(), principals())
def test_covering_is_an_order(one: Principal, two: Principal, three: Principal) -> None:
    assert covers(one, one)
    if covers(one, two) and covers(two, three):
        assert covers(one, three)


@given(principals())
def test_an_administrator_without_limits_covers_all(other: Principal) -> None:
    admin = Principal("key:a", "a", Role.ADMIN, RIGHTS[Role.ADMIN])
    assert covers(admin, other)
    assert seen(other) <= seen(admin) == set(range(LEADS.num_rows))
