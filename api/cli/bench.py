"""`fairlead bench`: how good and how fast the engines are on this machine."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import TerminalWatcher, print_json
from api.cli.options import Seed, TimeLimit

bench = typer.Typer(help="Measure the engines on this machine.", no_args_is_help=True)


class Rules(StrEnum):
    """What limits the company of `bench scale`."""

    PLAIN = "plain"
    TEAM = "team"


class Kind(StrEnum):
    """The published kinds of generalized assignment problems."""

    C = "C"
    D = "D"
    E = "E"


@bench.command()
def gap(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="OR-Library files.")],
    engine: Annotated[str, typer.Option("--engine", help="auto, exact or prices.")] = "auto",
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
) -> None:
    """Solve generalized assignment problems, each in a line of JSON: cost, bound, seconds.

    Example: [bold]fairlead bench gap d20400.txt --time-limit 60[/]
    """
    import json
    from dataclasses import asdict

    from models.outcome import Limits
    from scenarios.bench.gap import solve_gap

    limits = Limits(seconds=time_limit, gap=0.0, threads=threads, seed=seed)
    for path in files:
        with TerminalWatcher(quiet=True).watching() as watcher:
            result = solve_gap(path, engine, limits, watcher)
        print_json(json.dumps(asdict(result)))


@bench.command()
def gap_generate(
    kind: Annotated[Kind, typer.Argument(help="C, D or E.")],
    agents: Annotated[int, typer.Argument(min=1)],
    jobs: Annotated[int, typer.Argument(min=1)],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    seed: Seed = 0,
) -> None:
    """Write a random generalized assignment problem of a published kind.

    Example: [bold]fairlead bench gap-generate D 20 400 --out d20400.txt[/]
    """
    from scenarios.bench.gap import generate_gap, write_gap

    write_gap(generate_gap(kind.value, agents, jobs, seed), out)


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
