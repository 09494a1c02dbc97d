"""`fairlead bench`: how good and how fast the engines are on this machine."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import (
    TerminalWatcher,
    errors,
    only_answers_on_stdout,
    print_json,
)
from api.cli.load import load
from api.cli.options import CompanyDir, PolicyFile, TieSeed, TimeLimit, policy_path

STOPPED = 3
SHEET_GAP = 1e-3
"""Near enough to the best for plans that are made to be drawn."""
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


class Size(StrEnum):
    """How much `bench table` measures."""

    FULL = "full"
    SMALL = "small"


@bench.command()
def gap(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="OR-Library files.")],
    engine: Annotated[str, typer.Option("--engine", help="auto, exact or prices.")] = "auto",
    time_limit: TimeLimit = 60.0,
    seed: TieSeed = 0,
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
        with TerminalWatcher(quiet=True).watching() as watcher, only_answers_on_stdout():
            result = solve_gap(path, engine, limits, watcher)
        print_json(json.dumps(asdict(result)))


@bench.command()
def gap_generate(
    kind: Annotated[Kind, typer.Argument(help="C, D or E.")],
    agents: Annotated[int, typer.Argument(min=1)],
    jobs: Annotated[int, typer.Argument(min=1)],
    out: Annotated[Path, typer.Option("--out", help="The file to write.")],
    seed: TieSeed = 0,
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
    seed: TieSeed = 7,
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
    with TerminalWatcher().watching() as watcher, only_answers_on_stdout():
        result = run(leads, reps, rules=str(rules), seed=seed, limits=limits, watcher=watcher)
    print_json(json.dumps(asdict(result)))


@bench.command()
def what_if(
    directory: CompanyDir,
    out: Annotated[Path, typer.Option("--out", help="Directory for the plans.")],
    policy: PolicyFile = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many scenarios.")] = 50,
    time_limit: TimeLimit = 60.0,
    gap: Annotated[float, typer.Option("--gap", min=0, help="Good enough; 0.001 is 0.1 %.")] = 1e-3,
    workers: Annotated[int, typer.Option("--workers", min=1, help="How many run at a time.")] = 2,
) -> None:
    """Solve scenarios of many kinds from the base plan and from nothing, and compare the seconds.

    Example: [bold]fairlead bench what-if acme --out acme-bench[/]
    """
    import json
    from dataclasses import asdict

    from models.outcome import Limits
    from scenarios.bench.what_if import measure

    snapshot, read_policy, _ = load(directory, policy_path(directory, policy))
    limits = Limits(seconds=time_limit, gap=gap)
    result = measure(snapshot, read_policy, count, out, limits, workers)
    print_json(json.dumps(asdict(result)))


@bench.command()
def table(
    out: Annotated[Path, typer.Option("--out", help="The Markdown page to write.")] = Path(
        "docs/benchmarks.md"
    ),
    size: Annotated[
        Size, typer.Option("--size", help="small: tiny instances, to see that it works.")
    ] = Size.FULL,
    time_limit: Annotated[
        float | None,
        typer.Option(
            "--time-limit",
            min=0,
            help="Seconds for each method on a generalized assignment problem; 60, small: 2.",
        ),
    ] = None,
    lp_time_limit: Annotated[
        float | None,
        typer.Option(
            "--lp-time-limit",
            min=0,
            help="Seconds for each method on the large company; 400, small: 20.",
        ),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of instances and methods.")] = 0,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="FILE.jsonl",
            help="The measured cells of a run that was ended: it goes on where it was.",
        ),
    ] = None,
) -> None:
    """Compare the engines with CP-SAT, HiGHS, SCIP, GLOP, PDLP and greedy, as a page of tables.

    The full size takes an hour and a half: 18 generalized assignment problems, 60 seconds for each
    of four methods, and a company of 100,000 leads. Every measured cell goes to a file beside the
    page at once; if the run is ended, give that file to --resume.

    Example: [bold]fairlead bench table --out benchmarks.md[/]
    """
    from datetime import UTC, datetime

    from models.errors import UsageError
    from scenarios.bench.cells import CellFile, Conditions
    from scenarios.bench.contest import measure
    from scenarios.bench.machine import machine, versions
    from scenarios.bench.programme import SIZES, programme
    from scenarios.bench.table import page

    cells = out.with_suffix(".jsonl") if resume is None else resume
    if resume is None and cells.exists():
        raise UsageError(f"{cells} exists; go on with it by --resume {cells}, or remove it")
    if resume is not None and not resume.exists():
        raise UsageError(f"{resume} does not exist; leave --resume away to begin")
    given = SIZES[size]
    conditions = Conditions(
        date=datetime.now(UTC).date().isoformat(),
        size=str(size),
        seconds=given.seconds if time_limit is None else time_limit,
        lp_seconds=given.lp_seconds if lp_time_limit is None else lp_time_limit,
        threads=threads,
        seed=seed,
        machine=machine(),
        versions=versions(),
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    file = CellFile(cells, conditions)
    instances = programme(conditions)
    kept = f"go on by --resume {cells}"
    with TerminalWatcher(kept=kept).watching() as watcher:
        if not measure(instances, file, watcher):
            raise typer.Exit(STOPPED)
    out.write_text(page(file.conditions, instances, file.cells), encoding="utf-8")
    errors().print(f"Wrote {out}; its figures are in {cells}", highlight=False)


@bench.command()
def baselines(
    out: Annotated[Path, typer.Option("--out", help="The Markdown page to write.")] = Path(
        "docs/baselines.md"
    ),
    size: Annotated[
        Size, typer.Option("--size", help="small: tiny companies, to see that it works.")
    ] = Size.FULL,
    companies: Annotated[
        int | None,
        typer.Option("--companies", min=1, help="How many to generate; 10, small: 2."),
    ] = None,
    maven_crm: Annotated[
        Path | None,
        typer.Option("--maven-crm", metavar="DATA", help="Also this one; DATA holds its files."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, help="Seconds for solving each plan.")
    ] = 5.0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first company.")] = 1,
) -> None:
    """Compare plans with what other systems do, on halves of the past, as a page of tables.

    The full size takes some ten minutes.

    Example: [bold]fairlead bench baselines --maven-crm DATA --out baselines.md[/]
    """
    from datetime import UTC, datetime
    from itertools import chain

    from models.outcome import Limits
    from scenarios.bench import contenders
    from scenarios.bench.machine import machine, versions
    from scenarios.bench.rivals_contest import SIZES, meet
    from scenarios.bench.rivals_page import Occasion, page

    given = SIZES[size]
    count = given.companies if companies is None else companies
    known = [contenders.maven_crm(maven_crm)] if maven_crm is not None else []
    made = contenders.generated(count, given.leads, given.reps, seed)
    limits = Limits(seconds=time_limit, gap=given.gap, threads=threads)
    with TerminalWatcher(kept="nothing is kept").watching() as watcher, only_answers_on_stdout():
        results = meet(chain(made, known), given.bands, limits, watcher)
    if results is None:
        raise typer.Exit(STOPPED)
    command = f"fairlead bench baselines --size {size} --companies {count} --seed {seed}"
    command += f" --time-limit {time_limit:g} --threads {threads}"
    occasion = Occasion(
        command=command + (" --maven-crm DATA" if known else ""),
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        versions=versions(),
        bands=given.bands,
        seconds=time_limit,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(occasion, results), encoding="utf-8")
    errors().print(f"Wrote {out}", highlight=False)


@bench.command()
def recommend(
    leads: Annotated[int, typer.Option("--leads", min=1)] = 20_000,
    reps: Annotated[int, typer.Option("--reps", min=1)] = 1_000,
    batch: Annotated[int, typer.Option("--batch", min=1, help="Leads routed at once.")] = 100_000,
    seed: TieSeed = 7,
) -> None:
    """Time recommendations beside a plan of a synthetic company: one lead, and a batch.

    Example: [bold]fairlead bench recommend --leads 20000 --reps 1000[/]
    """
    import json
    from dataclasses import asdict

    from scenarios.bench.recommend import recommend_speed

    with TerminalWatcher(quiet=True).watching() as watcher, only_answers_on_stdout():
        result = recommend_speed(leads, reps, batch, seed=seed, watcher=watcher)
    print_json(json.dumps(asdict(result)))


@bench.command()
def charts(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The directory to write.")],
    size: Annotated[
        Size, typer.Option("--size", help="small: one tiny company, to see that it works.")
    ] = Size.FULL,
    time_limit: TimeLimit = 60.0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
) -> None:
    """Draw every chart of a company of 40 reps and of one of 1,000, on a page to look at.

    Example: [bold]fairlead bench charts --out charts[/]
    """
    from models.errors import UsageError
    from models.outcome import Limits
    from scenarios.bench.chart_sheet import SIZES, write_sheet

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be a directory: {error.strerror}; give --out another, new or not"
        ) from error
    limits = Limits(seconds=time_limit, gap=SHEET_GAP, threads=threads)
    with TerminalWatcher(kept="nothing is kept").watching() as watcher, only_answers_on_stdout():
        drawn = write_sheet(out, SIZES[size], limits, watcher)
    errors().print(f"Wrote {drawn} charts; look at {out / 'index.html'}", highlight=False)


@bench.command()
def arrivals(
    leads: Annotated[int, typer.Option("--leads", min=1)] = 10_000,
    reps: Annotated[int, typer.Option("--reps", min=1)] = 40,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="How many weeks.")] = 5,
    reserve: Annotated[str, typer.Option("--reserve", help="Kept of every limit.")] = "15%",
) -> None:
    """Route weeks of arrivals by prices, greedily and in turn, against perfect hindsight.

    Example: [bold]fairlead bench arrivals --leads 10000 --reps 40[/]
    """
    import json
    from dataclasses import asdict

    from scenarios.bench.recommend import recommend_weeks

    with TerminalWatcher(quiet=True).watching() as watcher:
        for result in recommend_weeks(leads, reps, seeds, reserve=reserve, watcher=watcher):
            print_json(json.dumps(asdict(result)))
