"""`fairlead diagnose`: why there is no plan, and what to relax."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.cli.console import TerminalWatcher, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, TimeLimit, policy_path

if TYPE_CHECKING:
    from models.diagnosis import Diagnosis


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
    # Where a plan exists, what keeps leads without a rep is to follow here.
    if as_json:
        print_json(found.model_dump_json(by_alias=True, indent=2))
    else:
        _print_diagnosis(found)
    if found.status is not Status.FEASIBLE:
        raise typer.Exit(1 if found.status is Status.INFEASIBLE else 3)


def _print_diagnosis(found: Diagnosis) -> None:
    """Print a diagnosis, line by line."""
    console = output()
    for line in found.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)
