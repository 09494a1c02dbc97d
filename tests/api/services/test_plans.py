"""A plan that is kept, and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from models.files.plan_files import read_plan
from tests.api.company import add_company, add_plan_of, add_rules
from tests.api.invariants import broken

if TYPE_CHECKING:
    from api.services.service import Service


def test_what_is_kept_can_be_read_again(service: Service) -> None:
    plan_id = add_plan_of(service, add_company(service), add_rules(service))
    directory = service.copies.directory(plan_id)
    plan = read_plan(directory)
    assert plan.record.feasible
    leads = pq.read_table(directory / "leads.parquet")
    assert leads.num_rows == len(plan.assignments) == 18
    assert {"lead_id", "rep_id", "team", "region", "grade"} <= set(leads.column_names)
    assert broken(service.database) == []
