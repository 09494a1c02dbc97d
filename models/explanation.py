"""What explanations say: records with stable codes, for people, pages and machines."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of the parts of an explanation; money is in the plan's currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cause(StrEnum):
    """What kind of rule a price, a cost or a limit comes from."""

    CAPACITY = "capacity"
    FAIRNESS = "fairness"
    CONCENTRATION = "concentration"
    RETURNING = "returning"
    MOVES = "moves"


class ValuePart(Record):
    """A part of what a lead brings with a rep.

    Attributes
    ----------
    code : expected_value, the name of a preference, or switching_cost
    text : the rule in words
    money : what it adds; all parts together are the score
    """

    code: str
    text: str
    money: float


class Charge(Record):
    """What a lead pays in prices for what it uses.

    Attributes
    ----------
    cause : kind of the rule
    limit : name of what is limited; group : whose it is
    amount : how much the lead uses of it; unit : of the amount
    price : money per unit
    money : price x amount
    """

    cause: Cause
    limit: str
    group: str
    amount: float
    unit: str
    price: float
    money: float


class Obstacle(Record):
    """A hard limit that one move alone would break.

    Attributes
    ----------
    sentence : the rule in words
    at_most : whether it is an upper limit
    bound : the limit; load : in the plan, now; missing : by how much the move would break it
    price : money per unit, at which other leads compete for it
    """

    cause: Cause
    sentence: str
    limit: str
    group: str
    unit: str
    at_most: bool
    bound: float
    load: float
    missing: float
    price: float


class SoftCost(Record):
    """What one move alone would add to the cost of loads outside a soft limit."""

    cause: Cause
    sentence: str
    limit: str
    group: str
    money: float


class Alternative(Record):
    """What another rep would have brought, and what held that back.

    Attributes
    ----------
    rep_id : null for nobody
    expected_value, score : of the lead's whole family with this rep, money
    gain : by how much the objective would rise, did the lead move there and nothing else change
    soft_costs : what of that is paid for soft limits
    obstacles : hard limits that this move alone would break
    charges : what the lead would pay there in prices
    loss : what the plan loses by it, as the prices have it, money
    """

    rep_id: str | None
    expected_value: float
    score: float
    gain: float
    soft_costs: tuple[SoftCost, ...]
    obstacles: tuple[Obstacle, ...]
    charges: tuple[Charge, ...]
    loss: float


class Ban(Record):
    """A rule that keeps a lead, or another of its family, from a rep."""

    lead_id: str
    rule: str
    sentence: str
    text: str


class Relaxation(Record):
    """A smallest set of rules without which some reps may work a lead.

    Attributes
    ----------
    rules : names; sentences : these rules in words
    rep_ids : who may then, the one with the highest score first
    """

    rules: tuple[str, ...]
    sentences: tuple[str, ...]
    rep_ids: tuple[str, ...]


class WithoutRep(Record):
    """Leads that no rep may work, and would alike be helped.

    Attributes
    ----------
    amount : of all of them together, money
    relaxations : the smallest sets of rules without which reps may work them, with the reps of the
        first of them
    """

    lead_ids: tuple[str, ...]
    amount: float
    relaxations: tuple[Relaxation, ...]


class WhyRep(Record):
    """Why a lead is where it is.

    Attributes
    ----------
    rep_id : null for nobody
    reason : stable code, as in the plan's table
    text : one sentence for people
    family : the leads that share its rep, itself included
    amount, win_probability : of the lead, with its rep; null for nobody
    expected_value, score : of the lead's whole family, money
    parts : of the score
    charges : what the lead pays in prices where it is
    alternatives : other reps, by what the plan would lose
    num_allowed : how many reps the rules allow
    relaxations : where no rep may work the lead, the smallest sets of rules that keep all away
    """

    lead_id: str
    rep_id: str | None
    reason: str
    text: str
    family: tuple[str, ...]
    amount: float | None
    win_probability: float | None
    expected_value: float
    score: float
    parts: tuple[ValuePart, ...]
    charges: tuple[Charge, ...]
    alternatives: tuple[Alternative, ...]
    num_allowed: int
    relaxations: tuple[Relaxation, ...] = ()


class Answer(StrEnum):
    """What is said of a pair that the plan does not have."""

    ASSIGNED = "assigned"
    """The plan has it."""
    FORBIDDEN = "forbidden"
    """Rules keep the lead from the rep."""
    POSSIBLE = "possible"
    """It costs what the interval says."""
    IMPOSSIBLE = "impossible"
    """Allowed as a pair, but no plan that keeps all limits has it."""
    UNKNOWN = "unknown"
    """No plan with it was found in the time, nor that there is none."""


class ChainMove(Record):
    """A lead that another plan gives to somebody else; `change` is what its own score gains."""

    lead_id: str
    from_rep: str | None
    to_rep: str | None
    change: float


class WhyNot(Record):
    """Why a lead is not with a rep, or what it would cost.

    Attributes
    ----------
    bans : all rules that forbid it
    alternative : what the move alone would bring and break; null where it is forbidden
    loss_at_least, loss_at_most : what the plan would lose, money; null where there is no such plan
    estimate : as the prices have it, within these
    moves : of the plan found that has the pair
    is_exact : whether the plan was solved again with the pair
    """

    lead_id: str
    rep_id: str | None
    answer: Answer
    text: str
    bans: tuple[Ban, ...] = ()
    alternative: Alternative | None = None
    loss_at_least: float | None = None
    loss_at_most: float | None = None
    estimate: float | None = None
    moves: tuple[ChainMove, ...] = ()
    is_exact: bool = False


class Worth(Record):
    """What more of a limit is worth: the price at which leads compete for it.

    No plan with so much more gains more than that and what prices leave open of the plan itself.

    Attributes
    ----------
    what : one unit in words, as `one more hour a week`
    price : money for that unit in the period
    load, bound : in the plan, and the limit, in the resource's unit over the period
    """

    cause: Cause
    sentence: str
    limit: str
    group: str
    what: str
    price: float
    load: float
    bound: float


class Hire(Record):
    """A further rep, and what the plan would gain.

    Attributes
    ----------
    region, skill : what sets the rep apart; null where that does not matter
    text : the finding in one sentence
    columns : the cells of the rep that was added
    predicted : money, by which the prices' bound rises
    at_least, at_most : the best plan with the rep brings so much more, at least and at most, than
        the best without
    gained : what solving again gained; null where that was not asked for
    """

    region: str | None
    skill: str | None
    text: str
    columns: dict[str, str | float]
    predicted: float
    at_least: float
    at_most: float
    gained: float | None = None


class ChangeCode(StrEnum):
    """Why a lead has another rep than before, input first and prices second."""

    NEW_LEAD = "new_lead"
    """It was not there before."""
    LEAD_GONE = "lead_gone"
    """It is not there any more."""
    REP_LEFT = "rep_left"
    """The rep is not active any more, departs, or is not in the tables."""
    PINNED = "pinned"
    """A pin fixes it to another."""
    POLICY_CHANGED = "policy_changed"
    """Rules forbid the rep that did not forbid it in the earlier policy."""
    RULE_FORBIDS = "rule_forbids"
    """Rules forbid the rep, as the tables are now."""
    LESS_ROOM = "less_room"
    """The rep's own limit is lower than before, and the lead does not fit any more."""
    BETTER_FIT = "better_fit"
    """The other brings more."""
    AS_GOOD = "as_good"
    """Both bring as much."""
    CAPACITY = "capacity"
    """The limits of the rep leave no room, which other leads have."""
    FAIRNESS = "fairness"
    """The rep's share would be too large, or that of the other too small."""
    OTHER_LIMIT = "other_limit"
    """Another limit stands against staying."""
    GAP = "gap"
    """Nothing known stands against staying: the plan is not proved to be the best one."""


class Change(Record):
    """A lead whose rep is another than before.

    Attributes
    ----------
    from_rep, to_rep : null for nobody
    rules : that forbid staying
    gain : money, by which staying alone would change the objective; null where it is forbidden
    """

    lead_id: str
    from_rep: str | None
    to_rep: str | None
    code: ChangeCode
    text: str
    rules: tuple[str, ...] = ()
    gain: float | None = None
