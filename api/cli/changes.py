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
    "new_lead": "new",
    "lead_gone": "gone from the tables",
    "rep_left": "whose rep does not work any more",
    "pinned": "kept away from their rep by a pin",
    "policy_changed": "that may not stay since the policy changed",
    "rule_forbids": "that may not stay under the rules, as the tables are now",
    "less_room": "whose rep has less room than before",
    "better_fit": "that bring more with another rep",
    "as_good": "that bring as much with another rep",
    "capacity": "for which the limits of their rep leave no room beside other leads",
    "fairness": "that move for fair shares",
    "other_limit": "that move for another limit",
    "gap": "that move for no known reason: the plan is not proved the best",
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
        f"[bold]{len(found):,} leads have another rep[/] than {escape(before)}, of which",
        highlight=False,
    )
    for code, count in Counter(change.code for change in found).most_common():
        console.print(f"\n[bold]{count:,}[/] {TITLES[code]}", highlight=False)
        for change in [each for each in found if each.code is code][:SHOWN_OF_EACH]:
            console.print(f"  {escape(change.text)}", highlight=False, style="dim")
        if count > SHOWN_OF_EACH:
            console.print(
                f"  ... and {count - SHOWN_OF_EACH:,} more; `--json` lists all", style="dim"
            )
