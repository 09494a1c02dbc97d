"""`fairlead bench`: how good and how fast the engines are on this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.cli.console import TerminalWatcher, print_json
from api.cli.options import Seed, TimeLimit

bench = typer.Typer(help="Measure the engines on this machine.", no_args_is_help=True)


class Rules(StrEnum):
    """What limits the company of `bench scale`."""

    PLAIN = "plain"
    TEAM = "team"


@bench.command()
def scale(
    leads: Annotated[int, typer.Option("--leads", min=10, help="How many leads.")] = 100_000,
    reps: Annotated[int, typer.Option("--reps", min=2, help="How many reps.")] = 400,
    rules: Annotated[
        Rules,
        typer.Option(
            "--rules",
            help="plain: hours; team: also a value band, a limit on A-grade leads, a move budget.",
        ),
    ] = Rules.PLAIN,
    seed: Seed = 7,
    time_limit: TimeLimit = 60.0,
    gap: Annotated[
        float, typer.Option("--gap", min=0, help="Good enough; 0.0001 is 0.01 %.")
    ] = 1e-4,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
) -> None:
    """Compile and solve one synthetic company in this process, and print what each step took.

    Example: [bold]fairlead bench scale --leads 100000 --reps 400 --rules plain[/]
    """
    import json
    from dataclasses import asdict

    from models.outcome import Limits
    from scenarios.bench.scale import scale as run

    limits = Limits(seconds=time_limit, gap=gap, threads=threads)
    with TerminalWatcher().watching() as watcher:
        result = run(leads, reps, rules=str(rules), seed=seed, limits=limits, watcher=watcher)
    print_json(json.dumps(asdict(result)))
