"""`fairlead changes`: which leads have another rep than before, and why."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import output, print_json
from api.cli.explain import load_planned
from api.cli.options import AsJson, CompanyDir, PlanDir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.explanation import Change

SHOWN_OF_EACH = 3
TITLES = {
    "new_lead": "are new",
    "rep_left": "had a rep who does not work any more",
    "pinned": "are fixed to another rep by a pin",
    "policy_changed": "may not stay, since the policy changed",
    "rule_forbids": "may not stay under the rules, as the tables are now",
    "less_room": "had a rep who has less room than before",
    "better_fit": "bring more with another rep",
    "capacity": "make room for leads that are worth more there",
    "fairness": "move for fair shares",
    "other_limit": "move for another limit",
    "gap": "move though nothing known asks for it: the plan is not proved the best",
}


def changes(
    directory: CompanyDir,
    plan: PlanDir,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="PLAN", help="An earlier plan; the owners if not given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List every lead whose rep is another than before, each with its reason.

    Example: [bold]fairlead changes acme acme/plan --since acme/last-week[/]
    """
    from models.files.plan_files import read_plan
    from planner.explain.changed import changes as changes_since

    before = None if since is None else read_plan(since)
    found = changes_since(load_planned(directory, plan), before)
    if as_json:
        import json

        print_json(json.dumps([change.model_dump(mode="json") for change in found], indent=2))
        return
    _print(found, "today" if since is None else f"in {since}")


def _print(found: Sequence[Change], before: str) -> None:
    from rich.markup import escape

    console = output()
    console.print(
        f"[bold]{len(found):,} leads have another rep[/] than {escape(before)}.", highlight=False
    )
    for code, count in Counter(change.code for change in found).most_common():
        console.print(f"\n{count:,} {TITLES[code]}", highlight=False)
        for change in [each for each in found if each.code is code][:SHOWN_OF_EACH]:
            console.print(f"  {escape(change.text)}", highlight=False, style="dim")
        if count > SHOWN_OF_EACH:
            console.print(
                f"  ... and {count - SHOWN_OF_EACH:,} more; `--json` lists all", style="dim"
            )
