"""`fairlead demo`: a synthetic company and its plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import TerminalWatcher, errors, output
from api.cli.load import load
from api.cli.options import POLICY

SEAL = ".fairlead-demo"
"""Holds the hash of a demo's tables and policy: one that was edited is never replaced."""
SECONDS = 6.0
GAP = 0.0002


def demo(
    directory: Annotated[
        Path,
        typer.Argument(
            metavar="[DIR]", help="Where the company goes; an earlier demo is replaced."
        ),
    ] = Path("fairlead-demo"),
    leads: Annotated[int, typer.Option("--leads", min=10, help="How many leads.")] = 2000,
    reps: Annotated[int, typer.Option("--reps", min=2, help="How many reps.")] = 40,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Same seed, same company.")] = 7,
    dirty: Annotated[
        float, typer.Option("--dirty", min=0, max=1, help="Share of leads with planted faults.")
    ] = 0.0,
    tables_only: Annotated[
        bool, typer.Option("--tables-only", help="Write the tables, make no plan.")
    ] = False,
) -> None:
    """Make a synthetic company, plan it, and show the plan beside round robin and greedy.

    Example: [bold]fairlead demo acme --leads 500 --reps 12[/]
    """
    from models.errors import UsageError
    from scenarios.generate import CompanySpec, write_company

    spec = CompanySpec(num_leads=leads, num_reps=reps, seed=seed, dirty=dirty)
    is_taken = directory.is_file() or (directory.exists() and any(directory.iterdir()))
    if is_taken and not _is_untouched_demo(directory):
        raise UsageError(
            f"{directory} is not empty, and not a demo as it was made; choose another directory"
        )
    write_company(spec, directory)
    (directory / SEAL).write_text(_seal(directory), encoding="utf-8")
    errors().print(
        f"Wrote a company of {leads:,} leads and {reps:,} reps to {directory}", highlight=False
    )
    if tables_only:
        return
    from rich.markup import escape

    from api.cli.plan import BESIDE
    from api.cli.summary import print_plan
    from models.files.plan_files import write_plan
    from models.outcome import Limits
    from planner.solve import make_plan
    from scenarios.report.page import report

    snapshot, rules, timings = load(directory, directory / POLICY)
    with TerminalWatcher().watching() as watcher:
        made = make_plan(
            snapshot,
            rules,
            limits=Limits(seconds=SECONDS, gap=GAP),
            watcher=watcher,
            timings=timings,
            baselines=BESIDE,
        )
    write_plan(made, directory / "plan")
    print_plan(output(), made, directory / "plan")
    page = directory / "report.html"
    page.write_text(report(made), encoding="utf-8")
    output().print(f"[dim]The same as a page, with charts: {escape(str(page))}[/]", highlight=False)


def _is_untouched_demo(directory: Path) -> bool:
    seal = directory / SEAL
    return seal.is_file() and seal.read_text(encoding="utf-8") == _seal(directory)


def _seal(directory: Path) -> str:
    """Return the SHA-256 of the tables and the policy of a company."""
    import hashlib

    digest = hashlib.sha256()
    for path in sorted([*directory.glob("*.csv"), *directory.glob("*.yaml")]):
        digest.update(path.name.encode())
        with path.open("rb") as handle:
            digest.update(hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()
