"""The exceptions a user can meet, in one tree.

FairleadError
+-- InputError          tables, mapping or file cannot be used; carries every issue
+-- PolicyError         the policy is malformed or does not fit the tables; carries every fault
    +-- ScenarioError   the scenario is, or does not
    +-- AcceptanceError the acceptance rules are
+-- ProblemError        the arrays handed to an engine contradict each other
+-- EngineError         an engine was asked for something it cannot do
+-- NoPlanError         a run ended without a plan, and the plan was asked for
+-- PlanFileError       a plan directory is missing, damaged or of another schema
+-- UsageError          a command was called in a way that makes no sense
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.issues import IssueLog

SHOWN_AT_MOST = 100


class FairleadError(Exception):
    """Base of every error that is the user's to mend; its text says what, where, got, allowed."""


class InputError(FairleadError):
    """The input cannot become a snapshot; `issues` holds every fault that was found."""

    def __init__(self, message: str, issues: IssueLog) -> None:
        super().__init__(message, issues)
        self.message = message
        self.issues = issues

    def __str__(self) -> str:
        return _listed(self.message, [issue.text() for issue in self.issues.errors()])


class PolicyError(FairleadError):
    """The policy cannot be used; `faults` are complete sentences with line and advice."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        super().__init__(source, tuple(faults))
        self.source = source
        self.faults = tuple(faults)

    def __str__(self) -> str:
        noun = "fault" if len(self.faults) == 1 else "faults"
        faults = [f"  {fault}" for fault in self.faults]
        return _listed(f"{self.source}: {len(self.faults)} {noun}", faults)


class ScenarioError(PolicyError):
    """A scenario is malformed or does not fit the company; `faults` as of a policy."""


class AcceptanceError(PolicyError):
    """Acceptance rules are malformed; `faults` as of a policy."""


class ProblemError(FairleadError):
    """The arrays of a problem, a price vector or an assignment contradict each other."""


class EngineError(FairleadError):
    """An engine does not exist or does not support the problem it was given."""


class NoPlanError(FairleadError):
    """A run ended without a plan; the text says why.

    Attributes
    ----------
    impossible : whether no plan exists (proved), rather than none was found
    """

    def __init__(self, message: str, *, impossible: bool = False) -> None:
        super().__init__(message)
        self.impossible = impossible


class PlanFileError(FairleadError):
    """A plan directory or assignment file is missing, damaged or of another schema."""


class UsageError(FairleadError):
    """A command or function was called with arguments that do not go together."""


def error_of(name: str, text: str) -> FairleadError:
    """Return an error that another process told by its name and text.

    One that holds more than its text, or that has another home, comes back as a FairleadError.
    """
    known = (ProblemError, EngineError, NoPlanError, PlanFileError, UsageError)
    return {kind.__name__: kind for kind in known}.get(name, FairleadError)(text)


def _listed(title: str, faults: Sequence[str]) -> str:
    more = len(faults) - SHOWN_AT_MOST
    rest = [f"... and {more:,} more"] if more > 0 else []
    return "\n".join([title, *faults[:SHOWN_AT_MOST], *rest])
