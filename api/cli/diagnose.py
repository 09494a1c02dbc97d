"""`fairlead diagnose`: why there is no plan, and what to relax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.console import TerminalWatcher, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, TimeLimit, policy_path

if TYPE_CHECKING:
    from models.diagnosis import Diagnosis
    from models.explanation import WithoutRep
    from models.snapshot import Snapshot
    from planner.policy import Policy

GROUPS_SHOWN, LEADS_SHOWN = 12, 5


def diagnose(
    directory: CompanyDir,
    policy: PolicyFile = None,
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Tell why no plan exists, and what to relax; exit 1 if none does, 3 if that is not proven.

    Example: [bold]fairlead diagnose acme[/]
    """
    from models.diagnosis import Status
    from models.outcome import Limits
    from planner.diagnosis.diagnose import diagnose as diagnosed

    snapshot, rules, _ = load(directory, policy_path(directory, policy))
    limits = Limits(seconds=time_limit)
    watching = TerminalWatcher(quiet=as_json, kept="what is known so far is told").watching()
    with watching as watcher:
        found = diagnosed(snapshot, rules, limits=limits, watcher=watcher)
    groups = _without_reps(snapshot, rules) if found.status is Status.FEASIBLE else ()
    if as_json:
        import json

        told = json.loads(found.model_dump_json(by_alias=True))
        told["without_rep"] = [group.model_dump(mode="json") for group in groups]
        print_json(json.dumps(told, indent=2))
    else:
        _print_diagnosis(found)
        _print_without_reps(groups, rules.currency)
    if found.status is not Status.FEASIBLE:
        raise typer.Exit(1 if found.status is Status.INFEASIBLE else 3)


def _without_reps(snapshot: Snapshot, rules: Policy) -> tuple[WithoutRep, ...]:
    """Return the leads that no rep may work, by what would help them."""
    from planner.compile import compile_problem
    from planner.explain.unassigned import without_reps

    return without_reps(compile_problem(snapshot, rules))


def _print_without_reps(groups: tuple[WithoutRep, ...], currency: str) -> None:
    """Print how many leads no rep may work, and which rules would have to give way."""
    from planner.explain.bans import no_rep_text

    console = output()
    for group in groups[:GROUPS_SHOWN]:
        some = ", ".join(group.lead_ids[:LEADS_SHOWN])
        more = ", ..." if len(group.lead_ids) > LEADS_SHOWN else ""
        noun = "lead" if len(group.lead_ids) == 1 else "leads"
        console.print(
            f"{len(group.lead_ids):,} {noun} of {group.amount:,.0f} {currency} ({some}{more}): "
            f"{no_rep_text(group.relaxations)}.",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    if len(groups) > GROUPS_SHOWN:
        console.print(f"... and {len(groups) - GROUPS_SHOWN:,} more groups; `--json` lists all")


def _print_diagnosis(found: Diagnosis) -> None:
    """Print a diagnosis, line by line."""
    console = output()
    for line in found.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
