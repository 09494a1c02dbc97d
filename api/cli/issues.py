"""Issues as a person reads them on a terminal: each kind once, then where it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from models.issue_types import ISSUE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from models.issues import Issue

SHOWN_PER_KIND = 5
SHOWN_KINDS = 100
RANK = {"error": 0, "warning": 1, "info": 2}
COLOUR = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def print_issues(console: Console, issues: Iterable[Issue]) -> None:
    """Print issues by kind, the errors first, a few of each, and how many there are."""
    kinds: dict[tuple[str, str, str], list[Issue]] = {}
    for issue in issues:
        kinds.setdefault((issue.code, issue.table, issue.column), []).append(issue)
    ordered = sorted(kinds.values(), key=lambda same: RANK[same[0].severity])
    for same in ordered[:SHOWN_KINDS]:
        _print_kind(console, same)
    if len(ordered) > SHOWN_KINDS:
        console.print(f"... and {len(ordered) - SHOWN_KINDS:,} more kinds; `--json` lists all")
    every = [issue for same in ordered for issue in same]
    counts = {name: sum(issue.severity == name for issue in every) for name in RANK}
    told = ", ".join(f"{count:,} {_plural(name, count)}" for name, count in counts.items())
    console.print(f"[bold]{told}[/]", highlight=False)


def _print_kind(console: Console, same: list[Issue]) -> None:
    first = same[0]
    severity = str(first.severity)
    where = ".".join(part for part in (first.table, first.column) if part)
    console.print(
        f"[{COLOUR[severity]}]{severity:8}[/][bold]{first.code}[/]  {escape(where)}: "
        f"{escape(ISSUE_TYPES[first.code].title)}",
        highlight=False,
        soft_wrap=True,
    )
    for issue in same[:SHOWN_PER_KIND]:
        console.print(f"          {escape(_finding(issue))}", highlight=False, soft_wrap=True)
    if len(same) > SHOWN_PER_KIND:
        console.print(f"          ... and {len(same) - SHOWN_PER_KIND:,} more", highlight=False)
    if first.fix:
        console.print(f"          [dim]{escape(first.fix)}[/]", highlight=False, soft_wrap=True)


def _finding(issue: Issue) -> str:
    place = f"line {issue.line}" if issue.line is not None else ""
    place += f" ({issue.record})" if issue.record else ""
    parts = [
        f"got {issue.got}" if issue.got else "",
        f"allowed: {issue.allowed}" if issue.allowed else "",
    ]
    parts.append(f"{issue.count:,} records" if issue.count > 1 else "")
    told = "; ".join(part for part in parts if part)
    return f"{place}: {told}" if place and told else place or told or "the whole table"


def _plural(name: str, count: int) -> str:
    words = {"info": ("remark", "remarks")}.get(name, (name, f"{name}s"))
    return words[count != 1]
