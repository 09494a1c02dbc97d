"""The same notebook runs on a plan of this machine and on one of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from api.client import LocalPlan
from models.explanation import WhyRep
from models.files.plan_files import read_plan
from models.files.snapshot_files import read_snapshot
from planner.policy import policy_from_text
from scenarios.compare import (
    group_table,
    handovers,
    kpi_table,
    moves_between,
    remarks,
    shared_table,
)
from tests.api.company import POLICY, add_company, add_plan_of, add_rules

if TYPE_CHECKING:
    from api.client import AnyPlan, Client, RemotePlan
    from api.services.service import Service

TABLES = ("assignments", "reps", "prices", "unassigned")


@pytest.fixture
def both(remote: Client, service: Service) -> tuple[LocalPlan, RemotePlan]:
    """Return a plan as this machine and as the service has it."""
    tables = add_company(service)
    plan_id = add_plan_of(service, tables, add_rules(service))
    snapshot = read_snapshot(service.copies.directory(tables))
    plan = read_plan(service.copies.directory(plan_id))
    return LocalPlan(snapshot, policy_from_text(POLICY), plan), remote.plan(plan_id)


def notebook(plan: AnyPlan, before: AnyPlan) -> dict[str, Any]:
    """Return what an analyst looks at; one notebook for any plan."""
    plans = {"before": before, "after": plan}
    lead = plan.assignments.sort_values("expected_value").iloc[-1]
    others = [rep for rep in plan.reps["rep_id"] if rep != lead["rep_id"]]
    return {
        "worth": plan.record.kpis.expected_value,
        "rules": [sentence.text for sentence in plan.record.sentences],
        "policy": policy_from_text(plan.policy_text).describe(),
        "books": plan.reps.sort_values("count price", ascending=False),
        "reasons": plan.assignments["reason"].value_counts(),
        "without": plan.unassigned,
        "issues": plan.issues[["code", "record", "count"]].astype(str),
        "why": plan.why(lead["lead_id"]).model_dump(include=set(WhyRep.model_fields)),
        "why not": [plan.why_not(lead["lead_id"], rep) for rep in others],
        "kpis": kpi_table(plans),
        "by rep": group_table(plans, "rep"),
        "shared": shared_table(plans),
        "remarks": remarks(before, plan, ("before", "after")),
        "handovers": handovers(moves_between(before, plan)),
    }


def test_a_notebook_works_with_either(both: tuple[LocalPlan, RemotePlan]) -> None:
    local, remote = both
    here = notebook(local, local)
    for there in (notebook(remote, remote), notebook(remote, local), notebook(local, remote)):
        for name, found in there.items():
            if isinstance(found, pd.DataFrame):
                pd.testing.assert_frame_equal(found, here[name])
            elif isinstance(found, pd.Series):
                pd.testing.assert_series_equal(found, here[name])
            else:
                assert found == here[name], name


def test_the_parts_are_the_same(both: tuple[LocalPlan, RemotePlan]) -> None:
    local, remote = both
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(remote, name), getattr(local, name))
    assert remote.record == local.record
    assert remote.header.hash == local.record.hashes["plan"]
    assert {"region", "team"} <= set(remote.leads.columns)
