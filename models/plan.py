"""A plan: what a solved run leaves; immutable, enough to report and compare without the tables."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from models.outcome import BoundSource, StopReason
from models.settled import NOTHING, Settled

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd

SCHEMA = "fairlead.plan/1"
OVERLOAD, REFERENCE, MAX_MIN = "overload", "reference", "max_min"
"""Names of the stages before a plan."""


class Record(BaseModel):
    """Base of the parts of plan.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LoadKpi(Record):
    """How a measure is shared among the reps who may work leads.

    Attributes
    ----------
    unit : hours (in the period), leads or money
    least, mean, most, total : loads, base included
    gini : 0 all equal, towards 1 all with one (Gini 1912)
    jain : 1 all equal, 1/n all with one (Jain, Chiu, Hawe 1984)
    deviation : standard deviation; most_over_least : their ratio, null where somebody has nothing
    at_limit : share of reps whose limit leaves no room for the smallest lead; null without a limit
    in_band : share of the reps with a fair share who lie within their band; null without one
    least_share : the smallest load / fair share; null without fair shares
    """

    unit: str
    least: float
    mean: float
    most: float
    total: float
    gini: float
    jain: float
    deviation: float = 0.0
    most_over_least: float | None = None
    at_limit: float | None = None
    in_band: float | None = None
    least_share: float | None = None


class GroupKpi(Record):
    """What a grade, a region or a team has of a plan.

    Attributes
    ----------
    by : grade or region of the leads, or team of their reps
    name : of the group; empty where the cell is
    leads, assigned : counts; of a team, the leads that its reps get
    expected_value, effort_hours : of assigned leads, money and hours in the period
    moves : owned leads that their owner does not keep; of a team, those that come to its reps
    """

    by: str
    name: str
    leads: int
    assigned: int
    expected_value: float
    effort_hours: float
    moves: int

    @property
    def coverage(self) -> float:
        """Share of the leads with a rep."""
        return self.assigned / self.leads if self.leads else 0.0


class Kpis(Record):
    """What a plan is worth, recomputed from tables and assignment.

    Attributes
    ----------
    expected_value : money, amount x win probability over the assigned leads
    score : money, what the objective adds up (nobody's cost included), before soft costs
    leads, assigned, unassigned : counts
    coverage : share of leads with a rep
    moves : owned leads that their owner does not keep; value_moved : their expected value
        with the rep they go to, in money
    limits_broken : how many hard limits are exceeded; null where nobody counted
    forced_moves : those of them whose owner may not keep them: who left, or whom a rule or pin bars
    loads : per measure
    groups : by grade, region and team
    price_of_fairness, price_of_continuity : expected value lost to these rules; null where the
        policy has none
    """

    expected_value: float
    score: float
    leads: int
    assigned: int
    unassigned: int
    coverage: float
    moves: int
    limits_broken: int | None = None
    forced_moves: int = 0
    value_moved: float
    loads: dict[str, LoadKpi]
    groups: tuple[GroupKpi, ...] = ()
    price_of_fairness: float | None = None
    price_of_continuity: float | None = None


class Sentence(Record):
    """A rule of the policy in English, and whether the plan keeps it.

    Attributes
    ----------
    violations : how many breaches; amount : their sum, in the rule's unit
    soft : whether breaches cost money, but are allowed
    """

    rule: str
    text: str
    kept: bool
    soft: bool = False
    violations: int = 0
    amount: float = 0.0


class KnapsackBound(Record):
    """What the plan's multipliers prove.

    Attributes
    ----------
    resource : name of the limit that holds exactly, while prices hold the others
    bound : money, before it is cut to a whole number
    """

    resource: str
    bound: float


class Stage(Record):
    """What a stage before the plan itself proved.

    Attributes
    ----------
    name : overload: 100 x the sum of excess / limit is least, of reps who are over a limit today;
        reference: the plan without fairness; max_min k: the k smallest books are lifted
    objective, bound : minus that sum, or money, or the sum of the k smallest load / fair share;
        and the best that any plan could reach
    """

    name: str
    objective: float
    bound: float
    engine: str
    reason: StopReason


class PlanRecord(Record):
    """What plan.json holds; money in `currency`.

    Attributes
    ----------
    objective : money; null for an infeasible assignment
    bound, bound_source, price_bound : the best proved bound, what proved it, and what prices prove
    knapsack : what multipliers prove, where that is the best; else null
    gap_money, gap : bound - objective; as a share of the sum of abs(score) over assigned leads
    settled, stages : what stages before the plan itself found and proved
    feasible : whether the checker found every rule kept; breaches : the first of what it found
    baselines : KPIs of simple policies on the same problem
    timezone : the company's zone, in which people read the times
    hashes : SHA-256 of snapshot, policy and assignment
    timings : seconds per step
    """

    schema_name: str = Field(default=SCHEMA, alias="schema")
    policy: str
    engine: str
    reason: StopReason
    detail: str
    feasible: bool
    as_of: AwareDatetime
    starts: AwareDatetime
    ends: AwareDatetime
    timezone: str
    currency: str
    objective: float | None
    bound: float
    bound_source: BoundSource
    price_bound: float
    knapsack: KnapsackBound | None = None
    gap_money: float | None
    gap: float | None
    seed: int
    limits: dict[str, float | None]
    kpis: Kpis
    baselines: dict[str, Kpis] = Field(default_factory=dict)
    settled: Settled = NOTHING
    stages: tuple[Stage, ...] = ()
    sentences: tuple[Sentence, ...]
    breaches: tuple[str, ...] = ()
    hashes: dict[str, str]
    timings: dict[str, float]
    versions: dict[str, str]
    trace: tuple[tuple[float, float | None, float], ...] = ()

    @model_validator(mode="after")
    def _check_knapsack(self) -> Self:
        if (self.knapsack is None) == (self.bound_source is BoundSource.KNAPSACK):
            raise ValueError("knapsack must be given where it is the bound_source, and only there")
        return self


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment with objective, bound, gap, KPIs and reasons.

    Attributes
    ----------
    record : what plan.json holds
    assignments : one row per lead: lead_id, rep_id (NaN: nobody), owner, moved, expected_value,
        score, effort_hours (a week), reason, runner_up, runner_up_loss
    reps : one row per rep: loads, limits and prices
    prices : resource, group, label, price (money per unit of the resource), unit
    issues : what validation and compile remarked
    policy_text : the policy as it was written
    reference : lead_id, rep_id of the plan without fairness; None where the policy has no fair
        shares
    multipliers : lead_id (of a row's first lead), multiplier (money); None unless they prove the
        bound
    """

    record: PlanRecord
    assignments: pd.DataFrame = field(repr=False)
    reps: pd.DataFrame = field(repr=False)
    prices: pd.DataFrame = field(repr=False)
    issues: pd.DataFrame = field(repr=False)
    policy_text: str = field(repr=False)
    multipliers: pd.DataFrame | None = field(default=None, repr=False)
    reference: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def unassigned(self) -> pd.DataFrame:
        """The leads that nobody works, with the reason."""
        return unassigned_of(self.assignments)


def unassigned_of(assignments: pd.DataFrame) -> pd.DataFrame:
    """Return the leads of a plan's assignments that nobody works, with the reason."""
    columns = ["lead_id", "owner", "reason", "effort_hours"]
    return assignments.loc[assignments["rep_id"].isna(), columns]


class PlanTables(Protocol):
    """What plans have in common, wherever they are: see `Plan` for what each part holds."""

    @property
    def record(self) -> PlanRecord:
        """What plan.json holds."""

    @property
    def assignments(self) -> pd.DataFrame:
        """One row per lead."""

    @property
    def reps(self) -> pd.DataFrame:
        """One row per rep."""

    @property
    def prices(self) -> pd.DataFrame:
        """One row per limit and group."""

    @property
    def issues(self) -> pd.DataFrame:
        """What validation and compile remarked."""

    @property
    def policy_text(self) -> str:
        """The policy as it was written."""

    @property
    def unassigned(self) -> pd.DataFrame:
        """The leads that nobody works, with the reason."""


def broken_rules(record: PlanRecord) -> int:
    """Return how many rules a plan breaks; soft ones that cost something are not broken."""
    return sum(not sentence.kept and not sentence.soft for sentence in record.sentences)


def plan_hash(assignments: pd.DataFrame) -> str:
    """Return the SHA-256 of the sorted lead_id, rep_id rows (nobody is the empty rep_id)."""
    pairs = assignments.sort_values("lead_id")
    rows = zip(pairs["lead_id"], pairs["rep_id"].fillna(""), strict=True)
    digest = hashlib.sha256()
    for lead_id, rep_id in rows:
        digest.update(f"{lead_id}\x1f{rep_id}\x1e".encode())
    return digest.hexdigest()
