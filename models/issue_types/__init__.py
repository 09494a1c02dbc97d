"""The catalogue of issue codes: stable names for everything validation can find."""

from __future__ import annotations

from models.issue_types.customers import CUSTOMERS
from models.issue_types.files import FILES
from models.issue_types.importing import IMPORT
from models.issue_types.issue_type import IssueType
from models.issue_types.new_leads import NEW_LEADS
from models.issue_types.planning import PLANNING
from models.issue_types.references import REFERENCES
from models.issue_types.values import VALUES

__all__ = ["GROUPS", "ISSUE_TYPES", "IssueType"]

GROUPS: dict[str, tuple[IssueType, ...]] = {
    "files": FILES,
    "values": VALUES,
    "references": REFERENCES,
    "customers": CUSTOMERS,
    "import": IMPORT,
    "planning": PLANNING,
    "new leads": NEW_LEADS,
}
ISSUE_TYPES: dict[str, IssueType] = {kind.code: kind for kinds in GROUPS.values() for kind in kinds}
