"""`fairlead accept`: whether a plan may go out without anybody being asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import errors, output, print_json
from api.cli.options import AsJson, PlanDir

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scenarios.acceptance import Verdict


def accept(
    plan: PlanDir,
    rules: Annotated[Path, typer.Option("--rules", help="File of acceptance rules.")],
    base: Annotated[
        Path | None, typer.Option("--base", help="Plan directory that rules compare with.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a plan by acceptance rules; exit code 1 if it breaks any.

    Example: [bold]fairlead accept acme/plan --rules accept.yaml --base acme/owners[/]
    """
    from models.files.plan_files import read_plan
    from scenarios.acceptance import judge
    from scenarios.acceptance_file import read_rules
    from scenarios.compare import remarks

    read = read_rules(rules)
    judged, beside = read_plan(plan), None if base is None else read_plan(base)
    verdicts = judge(read, judged, beside)
    if beside is not None and not as_json:
        for text in remarks(beside, judged, ("the base", "the plan")):
            errors().print(text, style="yellow", highlight=False, markup=False)
    if as_json:
        _print_json(verdicts)
    else:
        _print(verdicts)
    if not all(verdict.passed for verdict in verdicts):
        raise typer.Exit(1)


def _print_json(verdicts: Sequence[Verdict]) -> None:
    import json

    told = [
        {
            "metric": verdict.rule.metric,
            "passed": verdict.passed,
            "value": verdict.value,
            "allowed": verdict.allowed,
            "text": verdict.text,
        }
        for verdict in verdicts
    ]
    accepted = all(verdict.passed for verdict in verdicts)
    print_json(json.dumps({"accepted": accepted, "verdicts": told}, indent=2))


def _print(verdicts: Sequence[Verdict]) -> None:
    from rich.markup import escape

    console = output()
    for verdict in verdicts:
        mark = "[green]pass[/]" if verdict.passed else "[red]fail[/]"
        console.print(f"{mark}  {escape(verdict.text)}", highlight=False)
    failed = sum(not verdict.passed for verdict in verdicts)
    console.print(
        f"[bold red]Not accepted:[/] {failed} of {len(verdicts)} rules fail."
        if failed
        else f"[bold green]Accepted:[/] all {len(verdicts)} rules pass.",
        highlight=False,
    )
