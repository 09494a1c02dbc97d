"""The figures of a plan, each with its title, meaning and unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.schemas.metrics import MetricGiven
from api.schemas.plans import GroupGiven, KpisGiven, LoadGiven, PlanGiven
from models.lists import lies_under
from models.plan import PlanRecord
from scenarios.compare.metrics import METRICS

if TYPE_CHECKING:
    from api.services.access.principal import Principal
    from api.store.tables import PlanRow
    from models.plan import GroupKpi, LoadKpi

MEASURE = ""
"""Stands for the unit of the measure itself."""
LOAD_FIGURES = (
    ("least", "Least", "The smallest load, work outside the plan included.", MEASURE, ""),
    ("mean", "Mean", "The mean load.", MEASURE, ""),
    ("most", "Most", "The largest load.", MEASURE, ""),
    ("total", "Total", "All loads together.", MEASURE, ""),
    ("deviation", "Standard deviation", "How far loads lie from their mean.", MEASURE, "less"),
    ("gini", "Gini", "0 all equal, towards 1 all with one.", "ratio", "less"),
    ("jain", "Jain's index", "1 all equal, 1/n all with one.", "ratio", "more"),
    ("most_over_least", "Most / least", "The largest over the smallest load.", "ratio", "less"),
    ("at_limit", "At the limit", "Share of reps without room for any lead.", "share", ""),
    ("in_band", "In the band", "Share of reps within the band of their share.", "share", "more"),
    ("least_share", "Least share", "The smallest load / fair share.", "ratio", "more"),
)
GROUP_FIGURES = (
    ("leads", "Leads", "Of a team: the leads that its reps get.", "leads", ""),
    ("assigned", "Assigned", "Leads with a rep.", "leads", "more"),
    ("coverage", "Coverage", "Share of the leads with a rep.", "share", "more"),
    ("expected_value", "Expected value", "Of the leads with a rep.", "money", "more"),
    ("effort_hours", "Effort", "In the period, of the leads with a rep.", "hours", ""),
    ("moves", "Moves", "Leads their owner does not keep; of a team, that come.", "leads", "less"),
)
TOLD_TO_ALL = frozenset({"gap", "breaches"})
"""Figures of a whole plan that tell how good it is, and nothing of anybody's leads or money."""


def plan_given(row: PlanRow, who: Principal) -> PlanGiven:
    """Return what somebody is told of a plan."""
    record = PlanRecord.model_validate(row.record)
    told = {name: getattr(record, name) for name in PlanGiven.model_fields if hasattr(record, name)}
    kept = {name: getattr(row, name) for name in PlanGiven.model_fields if hasattr(row, name)}
    if not who.sees_all:
        # It may quote figures of the engine.
        told["detail"] = ""
    return PlanGiven.model_validate({**told, **kept, "metrics": metrics_of(record, who)})


def metrics_of(record: PlanRecord, who: Principal) -> list[MetricGiven]:
    """Return the figures that every plan is compared by; empty are those not told to somebody."""
    return [
        MetricGiven(
            name=metric.name,
            title=metric.title,
            description=metric.description,
            unit=metric.unit,
            better=metric.better,
            value=metric.read(record) if is_told(who, metric.name) else None,
        )
        for metric in METRICS
    ]


def kpis_given(record: PlanRecord, who: Principal) -> KpisGiven:
    """Return the figures of the whole plan, and of groups, as far as somebody may see them."""
    loads = [
        LoadGiven(measure=name, unit=load.unit, metrics=_labelled(LOAD_FIGURES, load, load.unit))
        for name, load in record.kpis.loads.items()
        if who.sees_all
    ]
    groups = [
        GroupGiven(by=group.by, name=group.name, metrics=_labelled(GROUP_FIGURES, group, ""))
        for group in record.kpis.groups
        if is_seen(who, group.by, group.name)
    ]
    return KpisGiven(
        currency=record.currency, metrics=metrics_of(record, who), loads=loads, groups=groups
    )


def is_told(who: Principal, metric: str) -> bool:
    """Return whether somebody is told a figure of a whole plan."""
    return who.sees_all or metric in TOLD_TO_ALL


def is_seen(who: Principal, by: str, name: str) -> bool:
    """Return whether somebody sees all of a group: a team or a region that they are limited to, or
    that lies in one, and of which no other limit keeps a part from them.
    """
    if by == "team" and who.teams is not None:
        return name in who.teams and who.regions is None
    if by == "region" and who.regions is not None:
        return who.teams is None and any(lies_under(name, region) for region in who.regions)
    return who.sees_all


def _labelled(
    figures: tuple[tuple[str, str, str, str, str], ...], source: LoadKpi | GroupKpi, unit: str
) -> list[MetricGiven]:
    told = []
    for name, title, description, own, better in figures:
        value = getattr(source, name)
        told.append(
            MetricGiven(
                name=name,
                title=title,
                description=description,
                unit=own or unit,
                better=better,
                value=value,
            )
        )
    return told
