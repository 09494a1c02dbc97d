"""Random policies over every kind of rule, and small ones to start from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from hypothesis import strategies as st

from models.errors import PolicyError
from planner.policy import policy_from_text
from tests.companies import POOL, seeds

if TYPE_CHECKING:
    from models.snapshot import Snapshot
    from planner.policy import Policy

BASE = """\
version: 1
name: test
currency: USD
value:
  amount: {missing: 100}
  win_probability: {column: win_probability, missing: 0.5}
"""
"""The first six lines of a policy that fits every company here; `prefer` may follow."""


def faults_of(text: str, snapshot: Snapshot | None = None) -> list[str]:
    """Return what is wrong with a policy, by itself or, if it is sound, with a snapshot."""
    try:
        read = policy_from_text(text)
        if snapshot is not None:
            read.check(snapshot)
    except PolicyError as error:
        return list(error.faults)
    return []


def policy_data(**parts: Any) -> dict[str, Any]:
    """Return the data of a small policy that fits every random company; parts replace its own."""
    value = {
        "amount": {"missing": 100},
        "win_probability": {"column": "win_probability", "missing": 0.5},
    }
    data = {"version": 1, "name": "test", "currency": "USD", "value": value}
    value |= {
        name: parts.pop(name) for name in ("amount", "win_probability", "prefer") if name in parts
    }
    return data | parts


def policy(**parts: Any) -> Policy:
    """Return the policy of `policy_data`, by way of its YAML."""
    return policy_from_text(yaml_text(policy_data(**parts)))


def yaml_text(data: Any) -> str:
    """Return data as YAML."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def random_policy(rng: np.random.Generator) -> dict[str, Any]:
    """Return the data of a policy that fits every random company; every kind of rule occurs."""
    make = PolicyMaker(rng)
    return policy_data(
        amount=make.one_of(
            {"missing": 100.5},
            {"column": "amount", "missing": {"median_by": "grade"}},
            {"missing": {"median_by": ["product", "tier"]}},
            {"column": "margin", "missing": 0},
        ),
        win_probability=make.win_probability(),
        prefer=make.several(
            {"match": {"lead": "industry", "rep": "industries", "bonus": "10%"}},
            {"match": {"lead": "tier", "rep": "tiers", "bonus": "100%"}},
            {"past_contact": {"bonus": "15%"}},
            {"distance": {"half_at_km": make.one_of(0.5, 300, 3000)}},
            {"urgency": {"at_least": make.one_of(-1, 4), "bonus": "20%"}},
            {"steer": make.steer()},
            {"tiers": {"by": "grade", "first": {"A": 2, "Ω": 1}, "below": "10%"}},
        ),
        must=[make.with_where(rule) for rule in make.must()],
        capacity=make.capacity(),
        concentration=make.several(
            {"measure": "count", "by": "grade", "at_most": "40%", "beyond": 1},
            {"measure": "effort_hours", "by": "industry", "at_most": "0%", "beyond": 30.5},
            {"measure": "expected_value", "by": "tier", "at_most": "60%", "beyond": 5_000},
        ),
        returning=make.one_of(
            None, {}, {"away_for": "2 days", "back_for": "6 days", "catch_up": "50%"}
        ),
        continuity=make.continuity(),
        families=make.one_of(
            {}, {"by": "company"}, {"by": "company", "owner_first": True}, {"owner_first": True}
        ),
        unassigned=make.one_of(
            {}, {"cost": "100%"}, {"cost": "0%"}, {"cost": "150%"}, {"cost": "50%"}, "forbidden"
        ),
        period=make.one_of(
            {},
            {"starts": "next sunday", "length": "2 weeks"},
            {"starts": "as_of", "length": "36 hours"},
            {"starts": "as_of", "length": "10 days"},
        ),
    )


class PolicyMaker:
    """Makes random parts of a policy."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def one_of(self, *choices: Any) -> Any:
        """Return one of some choices."""
        return choices[int(self.rng.integers(len(choices)))]

    def several(self, *choices: Any) -> list[Any]:
        """Return some of the choices, in any order, about half of them."""
        chosen = [choice for choice in choices if self.rng.random() < 0.5]
        return [chosen[int(at)] for at in self.rng.permutation(len(chosen))]

    def must(self) -> list[Any]:
        """Return rules that forbid pairs."""
        return self.several(
            {"region": None},
            {"skills": {}},
            {"match": {"lead": "language", "rep": "languages"}},
            {"match": {"lead": "tier", "rep": "tiers"}},
            {"level": {"by": "grade", "least": {"A": 2, "B": 1, "Ω": 9.5}}},
            {"only": {"reps": self.rep_where(), "where": self.where()}},
            {
                "available": {
                    "at_least": self.one_of("0%", "50%", "100%"),
                    "cover": self.one_of(True, False),
                }
            },
        )

    def with_where(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Return a rule, sometimes with a filter."""
        ((name, parameters),) = rule.items()
        more = {} if self.rng.random() < 0.6 else {"where": self.where()}
        if self.rng.random() < 0.1:
            more["during"] = self.during()
        return {name: {**(parameters or {}), **more}} if more else rule

    def where(self) -> dict[str, Any]:
        """Return a filter of leads."""
        conditions = self.several(
            {"grade": self.one_of("A", ["A", "Ω"], {"not": "B"}, {"missing": True})},
            {"region": self.one_of({"under": "US"}, {"under": "US/West"}, "DE/Bayern")},
            {
                "amount": self.one_of(
                    {"at_least": 99.99}, {"at_most": 1000}, 25_000, {"not": [0, 0.01]}
                )
            },
            {
                "created": self.one_of(
                    {"at_least": "2023-12-31"}, {"at_most": "2023-12-31"}, "2024-01-15"
                )
            },
            {"owner": {"missing": self.one_of(True, False)}},
            {"tier": self.one_of(1, 1.5, {"not": ["gold", 1]})},
            {"open_task": self.one_of(True, 0)},
        )
        chosen = conditions[:2] or [{"stage": ["new", "negotiation"]}]
        return {name: condition for part in chosen for name, condition in part.items()}

    def rep_where(self) -> dict[str, Any]:
        """Return a filter of reps."""
        chosen: dict[str, Any] = self.one_of(
            {"team": "west"},
            {"team": {"not": ["east"]}},
            {"level": {"at_least": 1}},
            {"hired": {"at_most": "2024-01-15"}, "level": {"missing": False}},
        )
        return chosen

    def steer(self) -> dict[str, Any]:
        """Return a preference for some leads with some reps."""
        whom = self.several({"reps": self.rep_where()}, {"hired_within": "1000 days"})
        whom = whom or [{"hired_within": "1500 days"}]
        rule = {name: value for part in whom for name, value in part.items()}
        which = self.one_of({}, {"where": self.where()})
        return {**rule, **which, "bonus": self.one_of("20%", "300%")}

    def win_probability(self) -> dict[str, Any]:
        """Return how chances are known."""
        known: dict[str, Any] = self.one_of(
            {"column": "win_probability", "missing": 0.3},
            {"history": {}},
            {"history": {"by": "product", "per_rep": False, "prior_strength": 0.5}},
            {"history": {"by": ["product", "grade"], "prior_strength": 5}},
            {"history": {"by": ["tier"], "where": {"closed_on": {"at_least": "2021-01-01"}}}},
        )
        return known

    def continuity(self) -> dict[str, Any]:
        """Return rules that keep leads with their owners, or none."""
        kinds = self.several(
            {"switching_cost": self.switching_cost()},
            {"at_most_moves": self.at_most_moves()},
            {"protect": self.several(*self.protections()) or [{"where": self.where()}]},
        )
        return {name: rule for part in kinds for name, rule in part.items()}

    def switching_cost(self) -> dict[str, Any]:
        """Return what a change of hands costs."""
        eased = self.several("industry", "product", "language", "past_contact")
        reduced_by = {name: self.one_of("50%", "100%", "0%") for name in eased}
        cost = {"share": self.one_of("15%", "100%")}
        return cost if self.one_of(True, False) else cost | {"reduced_by": reduced_by}

    def at_most_moves(self) -> dict[str, Any]:
        """Return limits on moves."""
        limits = self.several(
            {"total": self.one_of(0, 1, 4)},
            {"per_losing_rep": self.one_of(0, 1, 2)},
            {"per_gaining_rep": self.one_of(0, 1, 2)},
            {"per_region": self.one_of(0, 1, {"at_most": 1, "depth": 1})},
        ) or [{"total": 2}]
        return {name: most for part in limits for name, most in part.items()}

    def protections(self) -> list[dict[str, Any]]:
        """Return rules that each protect leads."""
        under = self.one_of("14 days", "4000 days")
        return [
            {"where": self.where()},
            {"owned_for": {"under": under}},
            {"owned_for": {"under": under}, "where": self.where()},
        ]

    def capacity(self) -> list[Any]:
        """Return limits, each of another measure or filter."""
        limits = self.several(
            {"measure": "effort_hours", "at_most": self.one_of("capacity_hours", 20)},
            {"measure": "count", "at_most": self.one_of("max_leads", 3)},
            {"measure": "count", "at_most": 2, "where": self.where()},
            {"measure": "effort_hours", "at_most": 8.5, "where": self.where()},
            {"measure": "amount", "at_most": self.one_of("most_value", 30_000)},
            {"measure": "expected_value", "at_most": 20_000},
            {"measure": "count", "at_most": self.one_of(4, "max_leads"), "per": "team"},
            {"measure": "effort_hours", "at_most": "60% of capacity_hours", "per": "team"},
            {"measure": "count", "at_most": 1, "during": self.during()},
            {"measure": "count", "at_most": "50% of max_leads", "during": self.during()},
        )
        labels = {
            (limit["measure"], *map(str, map(limit.get, ("where", "per", "during")))): limit
            for limit in limits
        }
        return [
            limit | ({"reserve": "15%"} if self.rng.random() < 0.4 else {})
            for limit in labels.values()
        ]

    def fair_share(self) -> dict[str, Any]:
        """Return a measure and how it is shared out fairly."""
        between = {"at_least": self.one_of("20%", "90%"), "at_most": self.one_of("100%", "300%")}
        won = {"won": self.one_of("count", "amount"), "within": "1500 days"}
        parts = self.several(
            {"where": self.where()},
            {"exempt": self.one_of({"level": {"missing": True}}, {"team": "west"})},
            {"share_by": won, "share_between": between},
            {"ramp": [{"under": "1000 days", "share": "50%"}]},
        )
        measure = self.one_of("count", "effort_hours", "amount", "expected_value")
        return {"measure": measure} | {name: rule for part in parts for name, rule in part.items()}

    def band(self) -> dict[str, Any]:
        """Return how far a load may lie from its fair share."""
        chosen: dict[str, Any] = self.one_of(
            {"within": self.one_of("0%", "30%")},
            {"at_least": "40%"},
            {"at_most": "150%"},
            {"at_least": "20%", "at_most": "120%"},
        )
        return chosen

    def during(self) -> dict[str, Any]:
        """Return a season; no two different ones overlap."""
        season: dict[str, Any] = self.one_of(
            {"starts": "2026-01-01", "ends": "2026-11-10"},
            {"starts": "2026-11-11", "ends": "2027-01-01"},
        )
        return season


@lru_cache(maxsize=10 * POOL)
def random_policy_of(seed: int) -> Policy:
    """Return a random policy, the same for the same seed."""
    return policy_from_text(yaml_text(random_policy(np.random.default_rng(seed))))


def policies() -> st.SearchStrategy[Policy]:
    """Draw a random policy that fits every random company."""
    return seeds().map(random_policy_of)


def wheres() -> st.SearchStrategy[dict[str, Any] | None]:
    """Draw a filter of leads, or none."""
    made = seeds().map(lambda seed: PolicyMaker(np.random.default_rng(seed)).where())
    return st.none() | made


def made_by(seed: int) -> PolicyMaker:
    """Return who makes random parts, the same for the same seed."""
    return PolicyMaker(np.random.default_rng(seed))


def rep_wheres() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a filter of reps."""
    return seeds().map(lambda seed: made_by(seed).rep_where())
