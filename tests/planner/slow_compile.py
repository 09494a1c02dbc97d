"""The problem of a policy again, lead by lead and rep by rep in plain Python, by way of the tables.

It knows the policy's data (the YAML), not its rules: only what is read by `models` is shared.
"""

from __future__ import annotations

import ast
import itertools
import math
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

from models.validation.customers import company_key, mail_domain
from models.where import Where, holds
from models.working_hours import working_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.snapshot import Snapshot

Record = dict[str, Any]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class SlowProblem:
    """Rows as tuples of lead_ids; pairs as (row, rep_id or None); loads by limit.

    Attributes
    ----------
    rows : the leads of each row
    score : money by (row number, rep_id or None)
    limits : per limit, upper and base by rep_id, and amount by (row number, rep_id)
    budgets : limits on moves
    forbidden : per (lead_id, rep_id), the names of the rules that forbid the pair
    """

    rows: list[tuple[str, ...]]
    score: dict[tuple[int, str | None], float] = field(default_factory=dict)
    limits: list[SlowLimit] = field(default_factory=list)
    budgets: list[SlowBudget] = field(default_factory=list)
    forbidden: dict[tuple[str, str], list[str]] = field(default_factory=dict)


@dataclass
class SlowLimit:
    """A limit per rep or team, and what each pair counts.

    Attributes
    ----------
    upper, base : by name of the holder
    holder : by rep_id; None where a rep's leads count for nobody
    amount : by (row number, rep_id)
    """

    upper: dict[str, float] = field(default_factory=dict)
    base: dict[str, float] = field(default_factory=dict)
    holder: dict[str, str | None] = field(default_factory=dict)
    amount: dict[tuple[int, str], float] = field(default_factory=dict)


@dataclass
class SlowRoom:
    """A limit in the making: at most, of those at work, other work, and the present load."""

    full: float = 0.0
    present: float = 0.0
    base: float = 0.0
    load: float = 0.0


@dataclass
class SlowBudget:
    """The most moves in any group, and in which groups each pair counts, and how much.

    Attributes
    ----------
    counts : by (row number, rep_id or None) and name of the group
    """

    most: float
    counts: dict[tuple[int, str | None], dict[str, float]]


def records(frame: pd.DataFrame) -> list[Record]:
    """Return the records of a table; missing cells are None."""
    columns = {
        name: [
            None if gone else cell
            for cell, gone in zip(frame[name].tolist(), frame[name].isna(), strict=True)
        ]
        for name in frame.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


class SlowCompiler:
    """Compiles one snapshot under one policy, given as its data."""

    def __init__(self, data: Record, snapshot: Snapshot) -> None:
        self.data, self.snapshot = data, snapshot
        self.zone = snapshot.header.timezone
        self.leads, self.reps = records(snapshot.leads), records(snapshot.reps)
        self.history, self.pins = records(snapshot.history), records(snapshot.pins)
        self.absences = records(snapshot.absences)
        for lead, copy in zip(self.leads, snapshot.duplicates.tolist(), strict=True):
            lead["copy"] = copy
        self.starts, self.ends, self.weeks = self._period()
        learned = data["value"]["win_probability"].get("history", {})
        self.past = [o for o in self.history if self._counts(learned.get("where"), o)]

    def _period(self) -> tuple[datetime, datetime, float]:
        rule = self.data.get("period") or {}
        count, unit = rule.get("length", "1 week").split()
        hours = float(count) * {"hour": 1, "day": 24, "week": 168}[unit.rstrip("s")]
        now = self.snapshot.as_of.astimezone(ZoneInfo(self.zone))
        starts, word = now, rule.get("starts", "next monday")
        if word != "as_of":
            day = now.date() + timedelta(days=1)
            while DAYS[day.weekday()] != word.removeprefix("next "):
                day += timedelta(days=1)
            starts = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.zone))
        by_days = hours % 24 == 0
        ends = (
            starts + timedelta(hours=hours)
            if by_days
            else starts.astimezone(UTC) + timedelta(hours=hours)
        )
        return starts.astimezone(UTC), ends.astimezone(UTC), hours / 168

    def problem(self) -> SlowProblem:
        """Return the problem."""
        families = self._families()
        slow = SlowProblem([tuple(lead["lead_id"] for lead in family) for family in families])
        for lead in self.leads:
            for rep in self.reps:
                against = self._forbidding(lead, rep)
                slow.forbidden[lead["lead_id"], rep["rep_id"]] = against
        kept = {
            lead["lead_id"]: lead["owner"]
            for family in families
            for lead in family
            if lead["owner"] is not None
            and not any(slow.forbidden[other["lead_id"], lead["owner"]] for other in family)
        }
        protected = self._protected(families, kept)
        for (lead_id, rep_id), against in slow.forbidden.items():
            if protected.get(lead_id, rep_id) != rep_id:
                against.append("protect")
        self._leave_to_owners(slow, families, kept)
        self._put_scores(slow, families, protected)
        slow.limits = [self._limit(limit, families) for limit in self._limits()]
        slow.limits += self._concentrations(families)
        if self.data.get("returning") is not None:
            back = self._returning(self.data["returning"], families, kept)
            slow.limits += [back] if back.upper else []
        slow.budgets = list(self._budgets(slow, families, kept))
        return slow

    def _put_scores(
        self, slow: SlowProblem, families: list[list[Record]], protected: dict[str, str]
    ) -> None:
        """Put in the score of every pair, nobody's included."""
        for number, family in enumerate(families):
            open_to = [
                rep
                for rep in self.reps
                if not any(slow.forbidden[lead["lead_id"], rep["rep_id"]] for lead in family)
            ]
            for rep in open_to:
                slow.score[number, rep["rep_id"]] = math.fsum(
                    self._score(lead, rep) for lead in family
                )
            if not (self._must_be_assigned(family) or self._ids(family) & protected.keys()):
                share = _share((self.data.get("unassigned") or {}).get("cost", "100%"))
                preferred = [
                    math.fsum(self._preferred(lead, rep) for lead in family) for rep in open_to
                ]
                slow.score[number, None] = -share * max([0.0, *preferred])

    def _leave_to_owners(
        self, slow: SlowProblem, families: list[list[Record]], kept: dict[str, str]
    ) -> None:
        """Bar others than their owners from families with a new lead, if that is wanted."""
        if not (self.data.get("families") or {}).get("owner_first"):
            return
        for family in families:
            owners = {kept[lead["lead_id"]] for lead in family if lead["lead_id"] in kept}
            if owners and None in family[0]["owners"]:
                for lead, rep in itertools.product(family, self.reps):
                    if rep["rep_id"] not in owners:
                        slow.forbidden[lead["lead_id"], rep["rep_id"]].append("families")

    @staticmethod
    def _ids(family: list[Record]) -> set[str]:
        return {lead["lead_id"] for lead in family}

    def _protected(self, families: list[list[Record]], kept: dict[str, str]) -> dict[str, str]:
        """Return the owner of each protected lead."""
        rules = self._current((self.data.get("continuity") or {}).get("protect") or ())
        protected: dict[str, str] = {}
        for family in families:
            here = {
                lead["lead_id"]: lead["owner"]
                for lead in family
                if lead["lead_id"] in kept and any(self._protects(rule, lead) for rule in rules)
            }
            if len(set(here.values())) == 1:
                protected |= here
        return protected

    def _protects(self, rule: Record, lead: Record) -> bool:
        if "owned_for" in rule:
            if lead["owned_since"] is None:
                return False
            count, unit = rule["owned_for"]["under"].split()
            assert unit == "days"
            if self.snapshot.as_of - lead["owned_since"] >= timedelta(days=int(count)):
                return False
        return self._counts(rule.get("where"), lead)

    def _budgets(
        self, slow: SlowProblem, families: list[list[Record]], kept: dict[str, str]
    ) -> Iterator[SlowBudget]:
        """Yield the limits on moves, in the order in which they are told."""
        rule = (self.data.get("continuity") or {}).get("at_most_moves") or {}
        for kind in ("total", "per_losing_rep", "per_gaining_rep", "per_region"):
            if kind not in rule:
                continue
            written = rule[kind] if isinstance(rule[kind], dict) else {"at_most": rule[kind]}
            counts: dict[tuple[int, str | None], dict[str, float]] = {}
            for number, rep_id in slow.score:
                groups: dict[str, float] = {}
                for lead in families[number]:
                    if lead["lead_id"] not in kept or lead["owner"] == rep_id:
                        continue
                    path = [part.strip() for part in (lead["region"] or "").split("/")]
                    group = {
                        "total": "all",
                        "per_losing_rep": lead["owner"],
                        "per_gaining_rep": rep_id,
                        "per_region": "/".join(path[: written.get("depth")]) or None,
                    }[kind]
                    if group is not None:
                        groups[group] = groups.get(group, 0.0) + 1.0
                counts[number, rep_id] = groups
            yield SlowBudget(float(written["at_most"]), counts)

    def _must_be_assigned(self, family: list[Record]) -> bool:
        fixed = {pin["lead_id"] for pin in self.pins if pin["kind"] == "fixed"}
        is_fixed = any(lead["lead_id"] in fixed for lead in family)
        return is_fixed or self.data.get("unassigned") == "forbidden"

    def _families(self) -> list[list[Record]]:
        """Return families, found by joining until nothing joins any more."""
        companies = company_key(self.snapshot.leads["company"]).tolist()
        domains = mail_domain(self.snapshot.leads["email"]).tolist()
        families: list[list[Record]] = []
        for lead, company, domain in zip(self.leads, companies, domains, strict=True):
            lead["ties"] = {("copy", lead["copy"])}
            if lead["family"] is not None:
                lead["ties"].add(("family", lead["family"]))
            if (self.data.get("families") or {}).get("by") == "company":
                if isinstance(company, str):
                    lead["ties"].add(("company", company))
                elif isinstance(domain, str):
                    lead["ties"].add(("domain", domain))
            tied = [f for f in families if any(lead["ties"] & other["ties"] for other in f)]
            families = [family for family in families if family not in tied]
            families.append([lead, *(other for family in tied for other in family)])
        families = [sorted(family, key=lambda lead: lead["lead_id"]) for family in families]
        for family in families:
            for lead in family:
                lead["owners"] = {other["owner"] for other in family}
        return sorted(families, key=lambda family: family[0]["lead_id"])

    def _forbidding(self, lead: Record, rep: Record) -> list[str]:
        """Return the names of the rules that forbid a pair, in the policy's order."""
        against = []
        for name, parameters in self._named(self.data.get("must")):
            if "where" in parameters and not self._counts(parameters["where"], lead):
                continue
            if not getattr(self, f"_{name}")(parameters, lead, rep):
                against.append(name)
        if self.has_left(rep):
            against.append("active")
        for pin in (pin for pin in self.pins if pin["lead_id"] == lead["lead_id"]):
            if (pin["kind"] == "fixed") != self._is_target(pin, rep):
                against.append("pins")
        return against

    def has_left(self, rep: Record) -> bool:
        """Return whether a rep is inactive, or departs before the period ends."""
        away = (a for a in self.absences if a["rep_id"] == rep["rep_id"])
        departs = any(a["kind"] == "departure" and a["starts"] < self.ends for a in away)
        return departs or rep["active"] == 0

    def _counts(self, where: Record | None, record: Record) -> bool:
        return where is None or holds(_where(repr(where)), record, self.zone)

    def _is_target(self, pin: Record, rep: Record) -> bool:
        if pin["region"] is not None:
            return self._region({}, {"region": pin["region"]}, rep)
        if pin["team"] is not None:
            return bool(rep["team"] == pin["team"])
        return bool(rep["rep_id"] == pin["rep_id"])

    def _region(self, _: Record, lead: Record, rep: Record) -> bool:
        if lead["region"] is None:
            return True
        path = [part.strip() for part in lead["region"].split("/")]
        for region in _parts(rep["regions"]):
            above = [part.strip() for part in region.split("/")]
            if region == "*" or path[: len(above)] == above:
                return True
        return False

    def _skills(self, _: Record, lead: Record, rep: Record) -> bool:
        has = _parts(rep["skills"])
        return "*" in has or all(need in has for need in _parts(lead["needs"]))

    def _match(self, rule: Record, lead: Record, rep: Record) -> bool:
        return lead[rule["lead"]] is None or self._is_listed(rule, lead, rep)

    def _is_listed(self, rule: Record, lead: Record, rep: Record) -> bool:
        value, listed = lead[rule["lead"]], _parts(rep[rule["rep"]])
        return value is not None and (value in listed or "*" in listed)

    def _level(self, rule: Record, lead: Record, rep: Record) -> bool:
        least = rule["least"].get(lead[rule["by"]])
        return least is None or (rep["level"] is not None and rep["level"] >= least)

    def _only(self, rule: Record, _: Record, rep: Record) -> bool:
        return self._counts(rule["reps"], rep)

    def _available(self, rule: Record, lead: Record, rep: Record) -> bool:
        keeps = rep["rep_id"] in lead["owners"] and not rule["cover"]
        return keeps or self._share_at_work(rep) >= _share(rule["at_least"]) - 1e-9

    def _share_at_work(self, rep: Record) -> float:
        hours = rep["working_hours"] or "Mon-Fri 09:00-17:00"
        zone = rep["timezone"] or self.zone
        away = [(a["starts"], a["ends"]) for a in self.absences if a["rep_id"] == rep["rep_id"]]
        whole = working_seconds(hours, zone, self.starts, self.ends)
        there = working_seconds(hours, zone, self.starts, self.ends, away)
        return there / whole if whole else 1.0

    def amount(self, lead: Record) -> float:
        """Return the money that a lead would bring."""
        rule = self.data["value"]["amount"]
        column, missing = rule.get("column", "amount"), rule.get("missing")
        if lead[column] is not None:
            return float(lead[column])
        if not isinstance(missing, dict):
            return float(missing)
        by = (
            [missing["median_by"]]
            if isinstance(missing["median_by"], str)
            else missing["median_by"]
        )
        known = [other for other in self.leads if other[column] is not None]
        alike = [other for other in known if all(other[c] == lead[c] for c in by)]
        return statistics.median(float(other[column]) for other in alike or known)

    def chance(self, lead: Record, rep: Record) -> float:
        """Return the chance that a rep wins a lead."""
        rule = self.data["value"]["win_probability"]
        if "column" in rule:
            chance = lead[rule["column"]]
            return float(rule["missing"] if chance is None else chance)
        learned = rule["history"]
        by = learned.get("by", [])
        by = [by] if isinstance(by, str) else by
        rate = statistics.fmean(outcome["won"] for outcome in self.past)
        past = [outcome for outcome in self.past if all(outcome[c] == lead[c] for c in by)]
        groups = [past]
        if learned.get("per_rep", True):
            groups.append([outcome for outcome in past if outcome["rep_id"] == rep["rep_id"]])
        strength = learned.get("prior_strength", 20)
        for group in groups:
            rate = (sum(outcome["won"] for outcome in group) + strength * rate) / (
                len(group) + strength
            )
        return rate

    def _score(self, lead: Record, rep: Record) -> float:
        return self._preferred(lead, rep) - self._switching_cost(lead, rep)

    def _switching_cost(self, lead: Record, rep: Record) -> float:
        rule = (self.data.get("continuity") or {}).get("switching_cost")
        if rule is None or lead["owner"] in (None, rep["rep_id"]):
            return 0.0
        cost = self.amount(lead) * self.chance(lead, rep) * _share(rule["share"])
        for name, share in (rule.get("reduced_by") or {}).items():
            if name == "past_contact":
                holds_here = self._prefer_past_contact({"bonus": "100%"}, lead, rep) > 1
            else:
                listed = {"industry": "industries", "product": "products", "language": "languages"}
                holds_here = self._is_listed({"lead": name, "rep": listed[name]}, lead, rep)
            cost *= 1 - _share(share) * holds_here
        return cost

    def _preferred(self, lead: Record, rep: Record) -> float:
        score = self.amount(lead) * self.chance(lead, rep)
        for name, parameters in self._named(self.data["value"].get("prefer")):
            score *= getattr(self, f"_prefer_{name}")(parameters, lead, rep)
        return score

    def _prefer_match(self, rule: Record, lead: Record, rep: Record) -> float:
        return 1 + _share(rule["bonus"]) * self._is_listed(rule, lead, rep)

    def _prefer_past_contact(self, rule: Record, lead: Record, rep: Record) -> float:
        mine = [outcome for outcome in self.history if outcome["rep_id"] == rep["rep_id"]]
        families = {outcome["family"] for outcome in mine} - {None}
        companies = {_company(outcome["company"]) for outcome in mine} - {None}
        met = lead["family"] in families or _company(lead["company"]) in companies
        return 1 + _share(rule["bonus"]) * met

    def _prefer_distance(self, rule: Record, lead: Record, rep: Record) -> float:
        degrees = [lead["latitude"], lead["longitude"], rep["latitude"], rep["longitude"]]
        if None in degrees:
            return 1.0
        north, east, rep_north, rep_east = map(math.radians, degrees)
        # Vincenty's formula on a sphere, which neither reading of the rule uses.
        turn = rep_east - east
        across = math.hypot(
            math.cos(rep_north) * math.sin(turn),
            math.cos(north) * math.sin(rep_north)
            - math.sin(north) * math.cos(rep_north) * math.cos(turn),
        )
        along = math.sin(north) * math.sin(rep_north)
        along += math.cos(north) * math.cos(rep_north) * math.cos(turn)
        return float(0.5 ** (6371.0088 * math.atan2(across, along) / rule["half_at_km"]))

    def _prefer_urgency(self, rule: Record, lead: Record, _: Record) -> float:
        is_urgent = lead["urgency"] is not None and lead["urgency"] >= rule["at_least"]
        return 1 + _share(rule["bonus"]) * is_urgent

    def _prefer_steer(self, rule: Record, lead: Record, rep: Record) -> float:
        means = self._counts(rule.get("where"), lead) and self._counts(rule.get("reps"), rep)
        if "hired_within" in rule:
            days = int(rule["hired_within"].split()[0])
            hired = rep["hired"]
            means = means and hired is not None and (self.starts - hired) < timedelta(days=days)
        return 1 + _share(rule["bonus"]) * means

    def _prefer_tiers(self, rule: Record, lead: Record, rep: Record) -> float:
        first = rule["first"].get(lead[rule["by"]])
        level = -math.inf if rep["level"] is None else rep["level"]
        return 1.0 if first is None or level >= first else _share(rule["below"])

    def _limits(self) -> list[Record]:
        """Return the limits that hold; those of the season instead of those like them."""
        known = self._current(self.data.get("capacity") or ())
        seasonal = [_without_season(limit) for limit in known if "during" in limit]
        return [
            limit for limit in known if "during" in limit or _without_season(limit) not in seasonal
        ]

    def _current(self, rules: Any) -> list[Record]:
        """Return the rules that hold in the period."""
        first = self.starts.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d")
        return [
            rule
            for rule in rules
            if "during" not in rule
            or str(rule["during"]["starts"]) <= first <= str(rule["during"]["ends"])
        ]

    def _named(self, rules: Any) -> list[tuple[str, Record]]:
        """Return name and parameters of the rules that hold."""
        pairs = [next(iter(rule.items())) for rule in rules or ()]
        return [(name, rule or {}) for name, rule in pairs if self._current([rule or {}])]

    def _limit(self, limit: Record, families: list[list[Record]]) -> SlowLimit:
        slow = SlowLimit()
        room: dict[str, SlowRoom] = {}
        for rep in self.reps:
            holder = rep["team"] if limit.get("per") == "team" else rep["rep_id"]
            slow.holder[rep["rep_id"]] = holder
            for number, family in enumerate(families):
                slow.amount[number, rep["rep_id"]] = math.fsum(
                    self._use(limit, lead, rep) for lead in family
                )
            if holder is not None:
                base = self._base(limit, rep)
                mine = [lead for lead in self.leads if lead["owner"] == rep["rep_id"]]
                here = room.setdefault(holder, SlowRoom())
                here.base += base
                here.load += base + sum(self._use(limit, lead, rep) for lead in mine)
                self._make_room(here, limit, rep)
        for holder, here in room.items():
            slow.base[holder] = here.base
            reduced = here.present * (1 - _share(limit.get("reserve", "0%")))
            slow.upper[holder] = max(reduced, min(here.load, here.full), here.base)
        return slow

    def _concentrations(self, families: list[list[Record]]) -> Iterator[SlowLimit]:
        """Yield a limit for each class of each rule against concentration."""
        for rule in self._current(self.data.get("concentration") or ()):
            for name in sorted({lead[rule["by"]] for lead in self.leads} - {None}):
                yield self._concentration(rule, name, families)

    def _concentration(self, rule: Record, name: str, families: list[list[Record]]) -> SlowLimit:
        """Return the limit on one class."""
        slow, share = SlowLimit(), _share(rule["at_most"])

        def above(lead: Record, rep: Record) -> float:
            is_of_class = float(lead[rule["by"]] == name)
            return (is_of_class - share) * self._use(rule, lead, rep)

        for rep in self.reps:
            rep_id = rep["rep_id"]
            held = sum(above(lead, rep) for lead in self.leads if lead["owner"] == rep_id)
            slow.upper[rep_id], slow.base[rep_id] = max(rule["beyond"], held), 0.0
            slow.holder[rep_id] = rep_id
            for number, family in enumerate(families):
                slow.amount[number, rep_id] = math.fsum(above(lead, rep) for lead in family)
        return slow

    def _returning(
        self, rule: Record, families: list[list[Record]], kept: dict[str, str]
    ) -> SlowLimit:
        """Return the limit on what reps gain who are back from an absence."""
        away_for, back_for = (
            timedelta(days=int(rule.get(key, "14 days").split()[0]))
            for key in ("away_for", "back_for")
        )
        here = [rep["rep_id"] for rep in self.reps if not self.has_left(rep)]
        part = (len(self.leads) - len(kept)) / max(len(here), 1)
        most = math.ceil(part * (1 + _share(rule.get("catch_up", "0%"))) - 1e-9)
        slow = SlowLimit(holder=dict.fromkeys((rep["rep_id"] for rep in self.reps), None))
        for rep_id in here:
            mine = [a for a in self.absences if a["rep_id"] == rep_id and a["kind"] != "departure"]
            joined: list[tuple[datetime, datetime]] = []
            while mine:
                # Whatever touches what is joined already belongs to it.
                starts, ends = mine[0]["starts"], mine[0]["ends"]
                while near := [a for a in mine if a["starts"] <= ends and a["ends"] >= starts]:
                    starts = min(starts, *(a["starts"] for a in near))
                    ends = max(ends, *(a["ends"] for a in near))
                    mine = [a for a in mine if a not in near]
                joined.append((starts, ends))
            if any(e - s >= away_for and e <= self.starts < e + back_for for s, e in joined):
                slow.holder[rep_id] = rep_id
                slow.upper[rep_id], slow.base[rep_id] = most, 0.0
        for number, family in enumerate(families):
            for rep in self.reps:
                gained = sum(lead["owner"] != rep["rep_id"] for lead in family)
                slow.amount[number, rep["rep_id"]] = float(gained)
        return slow

    def _use(self, limit: Record, lead: Record, rep: Record) -> float:
        """Return what a lead adds to a load."""
        if not self._counts(limit.get("where"), lead):
            return 0.0
        if limit["measure"] == "count":
            return 1.0
        if limit["measure"] == "effort_hours":
            weekly = 1.0 if lead["effort_hours"] is None else lead["effort_hours"]
            return float(weekly * self.weeks)
        chance = 1.0 if limit["measure"] == "amount" else self.chance(lead, rep)
        return self.amount(lead) * chance

    def _base(self, limit: Record, rep: Record) -> float:
        """Return a rep's load from outside the plan."""
        if "where" in limit or limit["measure"] not in ("count", "effort_hours"):
            return 0.0
        if limit["measure"] == "count":
            return rep["base_leads"] or 0.0
        return float(rep["base_hours"] or 0.0) * self.weeks

    def _make_room(self, room: SlowRoom, limit: Record, rep: Record) -> None:
        """Add a rep's part of a limit, or set the number that it is."""
        is_hours, is_team = limit["measure"] == "effort_hours", limit.get("per") == "team"
        written, weeks = limit["at_most"], self.weeks if is_hours else 1.0
        at_work = self._share_at_work(rep) if is_hours else 1.0
        if not isinstance(written, str):
            room.full = written * weeks
            room.present = room.full * (1.0 if is_team else at_work)
        elif not (is_team and self.has_left(rep)):
            part, _, column = written.rpartition(" of ")
            full = float(rep[column] or 0.0) * weeks * (_share(part) if part else 1.0)
            room.full += full
            room.present += full * at_work


def _without_season(limit: Record) -> tuple[Any, ...]:
    """Return what a limit limits."""
    return limit["measure"], repr(limit.get("where")), limit.get("per", "rep")


def _parts(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split(";") if part.strip()]


def _share(written: str) -> float:
    return float(written.rstrip("%")) / 100


@cache
def _where(written: str) -> Where:
    return Where.model_validate(ast.literal_eval(written))


@cache
def _company(name: str | None) -> str | None:
    key = company_key(pd.Series([name], dtype="str")).iat[0]
    return key if isinstance(key, str) else None
