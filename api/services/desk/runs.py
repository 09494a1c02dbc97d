"""Whether a run could begin: all that is wrong with what it is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.tasks.company import read_company
from models.errors import FairleadError, InputError, PolicyError
from planner.engines.engine import Silent

if TYPE_CHECKING:
    from api.jobs.tasks.task import Company


def company_faults(company: Company) -> list[str]:
    """Return every fault of tables, policy, scenario and pins; none if they fit together."""
    try:
        snapshot, policy, _ = read_company(company, Silent())
        policy.check(snapshot)
    except PolicyError as error:
        return list(error.faults)
    except InputError as error:
        return [issue.text() for issue in error.issues.errors()]
    except FairleadError as error:
        return [str(error)]
    return []
