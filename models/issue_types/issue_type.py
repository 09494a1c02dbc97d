"""What an issue code is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssueType:
    """A kind of issue.

    Attributes
    ----------
    code : stable name
    severity : "error" blocks planning, "warning" and "info" do not
    title : what is wrong, as half a sentence
    allowed : what would be right
    fix : what to do
    """

    code: str
    severity: str
    title: str
    allowed: str = ""
    fix: str = ""
