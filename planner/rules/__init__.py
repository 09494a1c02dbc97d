"""Every business rule, in one list: adding a rule is a file in this package and a line here."""

from planner.rules.active import Active
from planner.rules.amount import Amount
from planner.rules.at_most_moves import AtMostMoves
from planner.rules.available import Available
from planner.rules.capacity import Capacity
from planner.rules.concentration import Concentration
from planner.rules.distance import Distance
from planner.rules.fairness import Fairness
from planner.rules.families import Families
from planner.rules.level import Level
from planner.rules.match import Match, PreferMatch
from planner.rules.only import Only
from planner.rules.past_contact import PastContact
from planner.rules.pins import Pins
from planner.rules.protect import Protect
from planner.rules.region import Region
from planner.rules.returning import Returning
from planner.rules.rule import Rule, Section
from planner.rules.skills import Skills
from planner.rules.steer import Steer
from planner.rules.switching_cost import SwitchingCost
from planner.rules.tiers import Tiers
from planner.rules.unassigned import Unassigned
from planner.rules.urgency import Urgency
from planner.rules.win_probability import WinProbability

RULES: tuple[type[Rule], ...] = (
    Active,
    Pins,
    Region,
    Skills,
    Match,
    Level,
    Only,
    Available,
    Amount,
    WinProbability,
    PreferMatch,
    PastContact,
    Distance,
    Urgency,
    Steer,
    Tiers,
    Capacity,
    Fairness,
    Concentration,
    Returning,
    SwitchingCost,
    AtMostMoves,
    Protect,
    Unassigned,
    Families,
)


def rules_of(section: Section) -> dict[str, type[Rule]]:
    """Return the rules of a section of the policy, by name."""
    return {rule.name: rule for rule in RULES if rule.section is section}
