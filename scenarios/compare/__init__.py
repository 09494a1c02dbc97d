"""Everything between two or more plans: figures, groups and leads that change hands."""

from scenarios.compare.groups import GROUPED_BY, group_table
from scenarios.compare.kpi_table import kpi_table
from scenarios.compare.marks import Mark
from scenarios.compare.metrics import METRICS, Metric
from scenarios.compare.moves import handovers, moves_between
from scenarios.compare.remarks import remarks
from scenarios.compare.shared import only_in_one, shared_leads, shared_table

__all__ = [
    "GROUPED_BY",
    "METRICS",
    "Mark",
    "Metric",
    "group_table",
    "handovers",
    "kpi_table",
    "moves_between",
    "only_in_one",
    "remarks",
    "shared_leads",
    "shared_table",
]
