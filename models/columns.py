"""The columns of each table: the contract between a company's data and the planner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

INF = float("inf")
MOST_MONEY = 1e15
"""Sums over millions of records must stay exact to a cent or so."""


class Kind(StrEnum):
    """How the cells of a column are read."""

    ID = "id"
    TEXT = "text"
    LIST = "list divided by ;"
    PATH = "region path"
    PATHS = "region paths divided by ;"
    NUMBER = "number"
    INTEGER = "whole number"
    FLAG = "0 or 1"
    TIME = "date or time"
    TIME_ZONE = "IANA time zone"
    WORKING_HOURS = "working hours"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : its name
    kind : how its cells are read
    help : what it says, with the unit, for people
    required : whether the column must be there, and (region paths apart) every cell filled
    least, most : the closed range of a number
    past : whether the time must not lie after as_of
    personal : whether it is personal data, which no solver, log or metric ever sees
    """

    name: str
    kind: Kind
    help: str
    required: bool = False
    least: float = -INF
    most: float = INF
    past: bool = False
    personal: bool = False


_FACTS = (
    Column("region", Kind.PATH, "where the customer is, as US/West/CA"),
    Column("industry", Kind.TEXT, "the customer's industry"),
    Column("product", Kind.TEXT, "the product asked about"),
    Column("needs", Kind.LIST, "skills that the owner must have"),
    Column("language", Kind.TEXT, "the customer's language"),
    Column("grade", Kind.TEXT, "A, B, C ...: how good the lead is"),
    Column("stage", Kind.TEXT, "sales stage"),
    Column("source", Kind.TEXT, "channel the lead came from"),
    Column("company", Kind.TEXT, "name of the company", personal=True),
)

LEADS = (
    Column("lead_id", Kind.ID, "identifies the lead", required=True),
    *_FACTS,
    Column(
        "amount",
        Kind.NUMBER,
        "money the deal would bring, in the currency",
        least=0,
        most=MOST_MONEY,
    ),
    Column("currency", Kind.TEXT, "ISO 4217 code; must be the snapshot's"),
    Column("win_probability", Kind.NUMBER, "chance to win, 0 to 1", least=0, most=1),
    Column(
        "effort_hours",
        Kind.NUMBER,
        "hours a week the lead costs its owner; 1 if empty",
        least=0,
        most=168,
    ),
    Column("urgency", Kind.NUMBER, "priority; higher is more urgent"),
    Column("owner", Kind.ID, "rep_id of the present owner; empty for none"),
    Column("owned_since", Kind.TIME, "when the owner got it", past=True),
    Column("last_activity", Kind.TIME, "last contact", past=True),
    Column("created", Kind.TIME, "when the record was made", past=True),
    Column("open_task", Kind.FLAG, "whether a task is open"),
    Column("family", Kind.ID, "leads with the same family share one rep"),
    Column("email", Kind.TEXT, "e-mail address", personal=True),
    Column("phone", Kind.TEXT, "telephone number", personal=True),
    Column("latitude", Kind.NUMBER, "degrees", least=-90, most=90),
    Column("longitude", Kind.NUMBER, "degrees", least=-180, most=180),
    Column("postal_code", Kind.TEXT, "postal code"),
    Column("status", Kind.TEXT, "status in the CRM"),
)

REPS = (
    Column("rep_id", Kind.ID, "identifies the rep", required=True),
    Column("name", Kind.TEXT, "the rep's name", personal=True),
    Column("team", Kind.TEXT, "team"),
    Column("regions", Kind.PATHS, "regions the rep covers, * for all", required=True),
    Column("industries", Kind.LIST, "industries the rep knows, * for all"),
    Column("products", Kind.LIST, "products the rep sells, * for all"),
    Column("skills", Kind.LIST, "skills the rep has, * for all"),
    Column("languages", Kind.LIST, "languages the rep speaks, * for all"),
    Column("level", Kind.INTEGER, "seniority", least=0),
    Column(
        "capacity_hours", Kind.NUMBER, "hours a week for leads and base work", least=0, most=168
    ),
    Column("max_leads", Kind.NUMBER, "most leads at a time", least=0),
    Column("base_hours", Kind.NUMBER, "hours a week of work outside the plan; 0 if empty", least=0),
    Column("base_leads", Kind.NUMBER, "leads outside the plan; 0 if empty", least=0),
    Column("quota", Kind.NUMBER, "sales target, in the currency", least=0, most=MOST_MONEY),
    Column("hired", Kind.TIME, "first day"),
    Column("timezone", Kind.TIME_ZONE, "IANA name; the snapshot's if empty"),
    Column("working_hours", Kind.WORKING_HOURS, "Mon-Fri 09:00-17:00 if empty"),
    Column("latitude", Kind.NUMBER, "degrees", least=-90, most=90),
    Column("longitude", Kind.NUMBER, "degrees", least=-180, most=180),
    Column("active", Kind.FLAG, "0 for someone who has left; 1 if empty"),
)

HISTORY = (
    Column("lead_id", Kind.ID, "the lead that was worked", required=True),
    Column("rep_id", Kind.ID, "who worked it", required=True),
    Column("closed_on", Kind.TIME, "when it was won or lost", required=True, past=True),
    Column("won", Kind.FLAG, "1 if won", required=True),
    Column("amount", Kind.NUMBER, "money it brought, in the currency", least=0, most=MOST_MONEY),
    Column(
        "expected_amount",
        Kind.NUMBER,
        "money it was thought to bring while it was open, in the currency",
        least=0,
        most=MOST_MONEY,
    ),
    Column("created", Kind.TIME, "when the lead was made", past=True),
    *_FACTS,
    Column("family", Kind.ID, "leads with the same family share one rep"),
)

ABSENCES = (
    Column("rep_id", Kind.ID, "who is away", required=True),
    Column("starts", Kind.TIME, "first day, or time", required=True),
    Column("ends", Kind.TIME, "last day (a date counts whole), or time", required=True),
    Column("kind", Kind.TEXT, "vacation, sick, training, departure ..."),
)

PINS = (
    Column("lead_id", Kind.ID, "the pinned lead", required=True),
    Column("rep_id", Kind.ID, "to whom, or from whom: a rep"),
    Column("kind", Kind.TEXT, "fixed or forbidden", required=True),
    Column("team", Kind.TEXT, "or the reps of a team"),
    Column("region", Kind.PATH, "or the reps who cover a region"),
    Column("reason", Kind.TEXT, "why"),
    Column("expires", Kind.TIME, "until when it holds"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    "leads": LEADS,
    "reps": REPS,
    "history": HISTORY,
    "absences": ABSENCES,
    "pins": PINS,
}

REQUIRED_TABLES = ("leads", "reps")
EVERYTHING = "*"
"""In a rep's list: offers all."""
DEPARTURE = "departure"
"""The kind of absence after which a rep does not come back."""


def column_names(table: str) -> tuple[str, ...]:
    """Return the names of a table's known columns, in their order."""
    return tuple(column.name for column in TABLES[table])
