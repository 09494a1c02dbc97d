"""Small companies with a plan, each with a cause planted by which it has none any more."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from planner.policy import Policy, policy_from_text
from tests.companies import hand_made
from tests.policies import policy_data, yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from models.diagnosis import Cause, Step
    from models.snapshot import Snapshot

Cells = dict[str, list[Any]]


@dataclass
class Firm:
    """Tables and policy, to be changed in place before they are read."""

    leads: Cells
    reps: Cells
    pins: Cells = field(default_factory=lambda: {"lead_id": [], "rep_id": [], "kind": []})
    rules: dict[str, Any] = field(default_factory=dict)

    def snapshot(self) -> Snapshot:
        """Return the tables as a snapshot."""
        return hand_made(self.leads, self.reps, pins=self.pins)

    def policy(self) -> Policy:
        """Return the policy."""
        return policy_from_text(yaml_text(policy_data(**deepcopy(self.rules))))

    def pin(self, lead: str, rep: str, kind: str = "fixed") -> None:
        """Add a pin."""
        for column, cell in (("lead_id", lead), ("rep_id", rep), ("kind", kind)):
            self.pins[column].append(cell)

    def add_leads(self, count: int, **cells: Any) -> list[str]:
        """Add leads that are like the first one but for some cells; return their ids."""
        ids = [f"N{number}" for number in range(count)]
        for lead_id in ids:
            row = {column: values[0] for column, values in self.leads.items()}
            for column, cell in (row | {"owner": None, "lead_id": lead_id} | cells).items():
                self.leads[column].append(cell)
        return ids

    def drop_leads(self, ids: tuple[str, ...]) -> None:
        """Take leads out, which is as good as to leave them without a rep."""
        kept = [lead_id not in ids for lead_id in self.leads["lead_id"]]
        for column, cells in self.leads.items():
            self.leads[column] = [cell for cell, keep in zip(cells, kept, strict=True) if keep]


@dataclass(frozen=True)
class Plant:
    """A firm without a plan.

    Attributes
    ----------
    before, firm : without the planted cause, and with it
    names : whether causes name what was planted
    """

    before: Firm
    firm: Firm
    names: Callable[[tuple[Cause, ...]], bool]


def firm_of(rng: np.random.Generator) -> Firm:
    """Return a random firm with room for everybody; R1 works everywhere, R2 in US, R3 in DE."""
    size, num_reps = int(rng.integers(5, 8)), int(rng.integers(3, 5))
    ids = [f"L{at + 1}" for at in range(size)]
    reps = [f"R{at + 1}" for at in range(num_reps)]
    leads: Cells = {
        "lead_id": ids,
        "region": rng.choice(["US", "DE"], size).tolist(),
        "grade": rng.choice(["A", "B"], size).tolist(),
        "stage": ["open"] * size,
        "effort_hours": rng.choice([0.5, 1, 1.5, 2], size).tolist(),
        "amount": rng.integers(1, 50, size).tolist(),
        "owner": [None] * size,
        "company": [f"company {at}" for at in range(size)],
    }
    table: Cells = {
        "rep_id": reps,
        "regions": ["*", "US", "DE", "US;DE"][:num_reps],
        "max_leads": rng.integers(2, 4, num_reps).tolist(),
        "capacity_hours": rng.choice([6, 8, 12.5], num_reps).tolist(),
        "base_hours": rng.choice([0, 0.5, 1], num_reps).tolist(),
        "team": ["west", "east", "west", "east"][:num_reps],
    }
    rules = {
        "must": [{"region": {}}],
        "capacity": [
            {"measure": "count", "at_most": "max_leads"},
            {"measure": "effort_hours", "at_most": "capacity_hours"},
        ],
    }
    return Firm(leads, table, rules=rules)


def has(
    causes: tuple[Cause, ...], code: str, lead: set[str] | None = None, rep: str | None = None
) -> bool:
    """Return whether a cause is of a kind, and about one of some leads, and a rep."""
    return any(
        cause.code == code
        and (lead is None or bool(lead & set(cause.leads)))
        and (rep is None or rep in cause.reps)
        for cause in causes
    )


def pins_beyond_capacity(rng: np.random.Generator) -> Plant:
    """Fix more leads to R1 than R1 may have."""
    before = firm_of(rng)
    firm = deepcopy(before)
    count = int(firm.reps["max_leads"][0]) + 1
    chosen = set(rng.permutation(firm.leads["lead_id"])[:count].tolist())
    for lead in sorted(chosen):
        firm.pin(lead, "R1")
    return Plant(before, firm, lambda c: has(c, "pin", chosen) and has(c, "limit", rep="R1"))


def duties_beyond_room(rng: np.random.Generator) -> Plant:
    """Add leads in DE that must be assigned, beyond what those who work there may have."""
    before = firm_of(rng)
    before.reps["max_leads"] = [4] * len(before.reps["rep_id"])
    before.reps["capacity_hours"] = [40] * len(before.reps["rep_id"])
    before.rules["unassigned"] = "forbidden"
    firm = deepcopy(before)
    if rng.random() < 0.5:
        new = set(firm.add_leads(4 * (len(firm.reps["rep_id"]) - 1) + 1, region="DE"))
        return Plant(before, firm, lambda c: has(c, "must_assign", new) and has(c, "limit"))
    before.rules["capacity"].append({"measure": "count", "at_most": 5, "per": "team"})
    firm = deepcopy(before)
    new = set(firm.add_leads(11))
    return Plant(before, firm, lambda c: has(c, "must_assign", new) and has(c, "limit"))


def pin_against_rule(rng: np.random.Generator) -> Plant:
    """Fix a lead in DE to R2, who works in US only."""
    before = firm_of(rng)
    before.leads["region"][0] = "DE"
    firm = deepcopy(before)
    firm.pin("L1", "R2")
    return Plant(before, firm, lambda c: has(c, "pin", {"L1"}) and has(c, "must", {"L1"}, "R2"))


def pins_beyond_moves(rng: np.random.Generator) -> Plant:
    """Fix one more lead to R1, whose book is full, and of which nothing may leave."""
    before = firm_of(rng)
    before.reps["regions"] = ["*"] * len(before.reps["rep_id"])
    before.reps["max_leads"][0] = 2
    before.leads["owner"][:2] = ["R1", "R1"]
    before.leads["stage"][:2] = ["late", "late"]
    kind = str(rng.choice(["total", "per_losing_rep", "per_region", "protected"]))
    code = "move_budget"
    if kind == "protected":
        before.rules["continuity"] = {"protect": [{"where": {"stage": "late"}}]}
        code = "protected"
    else:
        before.rules["continuity"] = {"at_most_moves": {kind: 0}}
    firm = deepcopy(before)
    firm.pin("L3", "R1")

    def names(causes: tuple[Cause, ...]) -> bool:
        return has(causes, "pin", {"L3"}) and has(causes, code) and has(causes, "limit", rep="R1")

    return Plant(before, firm, names)


def band_out_of_reach(rng: np.random.Generator) -> Plant:
    """Ask for a fair share of leads for R3, who may work only one of them."""
    before = firm_of(rng)
    before.reps["regions"] = ["US", "US", "DE", "US"][: len(before.reps["rep_id"])]
    before.leads["region"] = ["DE"] + ["US"] * (len(before.leads["lead_id"]) - 1)
    before.reps["max_leads"] = [9] * len(before.reps["rep_id"])
    before.reps["capacity_hours"] = [40] * len(before.reps["rep_id"])
    before.add_leads(4, region="US")
    firm = deepcopy(before)
    bands: list[dict[str, Any]] = [{"within": "10%"}, {"at_least": "90%"}]
    band = bands[int(rng.integers(2))]
    firm.rules["fairness"] = [{"measure": "count", "mode": "hard", **band}]
    return Plant(before, firm, lambda c: has(c, "fair_band"))


def family_torn_apart(rng: np.random.Generator) -> Plant:
    """Fix two leads of one company to two reps; or make a company larger than every limit."""
    before = firm_of(rng)
    before.rules["families"] = {"by": "company"}
    before.reps["regions"] = ["*"] * len(before.reps["rep_id"])
    if rng.random() < 0.5:
        before.leads["company"][1] = before.leads["company"][0]
        firm = deepcopy(before)
        firm.pin("L1", "R1")
        firm.pin("L2", "R2")
        return Plant(before, firm, lambda c: has(c, "pin", {"L1"}) and has(c, "pin", {"L2"}))
    before.rules["unassigned"] = "forbidden"
    before.reps["max_leads"] = [3] * len(before.reps["rep_id"])
    before.reps["capacity_hours"] = [40] * len(before.reps["rep_id"])
    firm = deepcopy(before)
    firm.leads["company"][:4] = [firm.leads["company"][0]] * 4
    family = {"L1", "L2", "L3", "L4"}
    return Plant(before, firm, lambda c: has(c, "must_assign", family) and has(c, "limit"))


def limit_against_duties(rng: np.random.Generator) -> Plant:
    """Limit one grade, or a team, to less than all the leads that must be assigned."""
    before = firm_of(rng)
    before.rules["unassigned"] = "forbidden"
    num_reps = len(before.reps["rep_id"])
    before.reps |= {"max_leads": [9] * num_reps, "capacity_hours": [40] * num_reps}
    firm = deepcopy(before)
    if rng.random() < 0.5:
        limit = {"measure": "count", "by": "grade", "at_most": "40%", "beyond": 0.7}
        firm.leads["grade"] = ["A"] * len(firm.leads["grade"])
        before.leads["grade"] = list(firm.leads["grade"])
        firm.rules["concentration"] = [limit]
        return Plant(before, firm, lambda c: has(c, "concentration") and has(c, "must_assign"))
    limit = {"measure": "count", "at_most": 2, "per": "team"}
    firm.rules["capacity"] = [*firm.rules["capacity"], limit]

    def names(causes: tuple[Cause, ...]) -> bool:
        teams = {cause.group for cause in causes if cause.code == "limit"}
        return bool(teams & {"west", "east"}) and has(causes, "must_assign")

    return Plant(before, firm, names)


KINDS = (
    pins_beyond_capacity,
    duties_beyond_room,
    pin_against_rule,
    pins_beyond_moves,
    band_out_of_reach,
    family_torn_apart,
    limit_against_duties,
)


def relaxed(firm: Firm, steps: tuple[Step, ...]) -> Firm:
    """Return the firm with steps taken, as a person would take them in tables and policy."""
    firm = deepcopy(firm)
    for step in steps:
        TAKE[step.code](firm, step)
    return firm


def _raise_limit(firm: Firm, step: Step) -> None:
    if step.group:
        for limit in firm.rules["capacity"]:
            if limit.get("per") == "team":
                limit["at_most"] = max(limit["at_most"], step.needed or 0.0)
        return
    column = "max_leads" if step.unit == "leads" else "capacity_hours"
    at = firm.reps["rep_id"].index(step.reps[0])
    firm.reps[column][at] = step.needed


def _lift_pin(firm: Firm, step: Step) -> None:
    kept = [lead not in step.leads for lead in firm.pins["lead_id"]]
    for column, cells in firm.pins.items():
        firm.pins[column] = [cell for cell, keep in zip(cells, kept, strict=True) if keep]


def _lift_protection(firm: Firm, step: Step) -> None:
    for lead in step.leads:
        firm.leads["stage"][firm.leads["lead_id"].index(lead)] = "open"


def _let_work(firm: Firm, step: Step) -> None:
    firm.reps["regions"][firm.reps["rep_id"].index(step.reps[0])] = "*"


def _allow_moves(firm: Firm, step: Step) -> None:
    budget = firm.rules["continuity"]["at_most_moves"]
    for kind in budget:
        budget[kind] = max(budget[kind], int(step.needed or 0))


def _widen(firm: Firm, step: Step) -> None:
    for band in firm.rules["fairness"]:
        needed = step.needed or 0.0
        if "within" in band:
            band["within"] = f"{100 * needed:.10g}%"
        else:
            band["at_least"] = f"{100 * max(1 - needed, 0):.10g}%"


def _raise_share(firm: Firm, step: Step) -> None:
    for limit in firm.rules["concentration"]:
        limit["beyond"] = max(limit["beyond"], step.needed or 0.0)


TAKE: dict[str, Callable[[Firm, Step], None]] = {
    "limit": _raise_limit,
    "pin": _lift_pin,
    "protected": _lift_protection,
    "must": _let_work,
    "must_assign": lambda firm, step: firm.drop_leads(step.leads),
    "move_budget": _allow_moves,
    "fair_band": _widen,
    "concentration": _raise_share,
}
