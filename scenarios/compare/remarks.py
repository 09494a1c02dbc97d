"""In what plans differ beside their answers, which a reader of a comparison must know."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scenarios.compare.shared import only_in_one, shared_leads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from models.plan import PlanRecord, PlanTables

NAMED_AT_MOST = 5


def remarks(before: PlanTables, after: PlanTables, names: tuple[str, str]) -> list[str]:
    """Return in sentences in what two plans differ beside their answers; none if in nothing.

    Parameters
    ----------
    names : of the plans, for people
    """
    return [
        *_other_leads(before, after, names),
        *_other_reps(before, after, names),
        *_other_tables(before.record, after.record),
        *_other_policy(before.record, after.record),
        *_other_period(before.record, after.record),
    ]


def _other_leads(before: PlanTables, after: PlanTables, names: tuple[str, str]) -> Iterator[str]:
    lost, new = only_in_one(before, after)
    if lost or new:
        count = len(shared_leads([before, after]))
        yield (
            f"{lost:,} leads are only in {names[0]}, {new:,} only in {names[1]}; they share "
            f"{count:,} leads."
        )


def _other_reps(before: PlanTables, after: PlanTables, names: tuple[str, str]) -> Iterator[str]:
    first, second = list(before.reps["rep_id"]), list(after.reps["rep_id"])
    for name, only in (
        (names[0], [rep for rep in first if rep not in set(second)]),
        (names[1], [rep for rep in second if rep not in set(first)]),
    ):
        if only:
            yield f"Reps only in {name} ({len(only):,}): {_named(only)}."


def _other_tables(before: PlanRecord, after: PlanRecord) -> Iterator[str]:
    if before.as_of != after.as_of:
        yield (
            f"The plans are of different tables, as of {before.as_of:%d %b %Y %H:%M} and "
            f"{after.as_of:%d %b %Y %H:%M} UTC."
        )
    elif before.hashes["snapshot"] != after.hashes["snapshot"]:
        yield "The plans are of different tables."


def _other_policy(before: PlanRecord, after: PlanRecord) -> Iterator[str]:
    if before.hashes["policy"] != after.hashes["policy"]:
        called = "" if before.policy == after.policy else f" ({before.policy} and {after.policy})"
        yield (
            f"The plans follow different policies{called}; objectives and bounds may count "
            "different things."
        )


def _other_period(before: PlanRecord, after: PlanRecord) -> Iterator[str]:
    one, other = _length(before), _length(after)
    if one != other:
        yield (
            f"The plans are for periods of {one.total_seconds() / 86400:g} and "
            f"{other.total_seconds() / 86400:g} days; hours in the period do not compare."
        )
    elif before.starts != after.starts:
        first, second = (
            f"{record.starts.astimezone(ZoneInfo(record.timezone)):%d %b %Y}"
            for record in (before, after)
        )
        yield f"The plans are for different periods: they start on {first} and on {second}."


def _length(record: PlanRecord) -> timedelta:
    """Return the length of the period on the wall clock: a week is one where clocks change."""
    zone = ZoneInfo(record.timezone)
    starts, ends = (
        moment.astimezone(zone).replace(tzinfo=None) for moment in (record.starts, record.ends)
    )
    return ends - starts


def _named(rep_ids: Sequence[str]) -> str:
    more = " and others" if len(rep_ids) > NAMED_AT_MOST else ""
    return ", ".join(rep_ids[:NAMED_AT_MOST]) + more
