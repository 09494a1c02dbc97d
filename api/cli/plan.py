"""`fairlead plan` and `fairlead check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import TerminalWatcher, output, print_json
from api.cli.load import load
from api.cli.options import (
    AsJson,
    CompanyDir,
    PlanDir,
    PolicyFile,
    Seed,
    TimeLimit,
    policy_path,
)

if TYPE_CHECKING:
    from rich.console import Console

    from models.plan import Plan
    from models.snapshot import Snapshot
    from planner.policy import Policy
    from planner.rules.rule import Violation

BESIDE = ("greedy", "round_robin")
BREACHES_SHOWN = 5


def plan(
    directory: CompanyDir,
    policy: PolicyFile = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the plan goes; DIR/plan if not given.")
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", help="auto, flow, exact, prices, greedy or round_robin.")
    ] = "auto",
    time_limit: TimeLimit = 60.0,
    iterations: Annotated[
        int | None,
        typer.Option(
            "--iterations", min=1, help="Stop after so many steps, whatever the time: repeatable."
        ),
    ] = None,
    gap: Annotated[
        float, typer.Option("--gap", min=0, help="Good enough: 0.0001 is 0.01 % of the score.")
    ] = 0.0001,
    seed: Seed = 0,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads to use.")] = 2,
    start: Annotated[
        Path | None, typer.Option("--from", help="Start from an earlier plan; never worse than it.")
    ] = None,
    skip_rule_prices: Annotated[
        bool,
        typer.Option(
            "--skip-rule-prices",
            help="Do not tell what fairness and continuity cost; the latter takes one more solve.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a plan, check it independently, and write it.

    Example: [bold]fairlead plan acme --out acme/plan --time-limit 30[/]
    """
    from api.cli.summary import print_plan
    from models.files.plan_files import check_place, read_plan, write_plan
    from models.outcome import Limits
    from planner.solve import make_plan

    target = out or directory / "plan"
    check_place(target)
    earlier = None if start is None else read_plan(start)
    snapshot, rules, timings = load(directory, policy_path(directory, policy))
    limits = Limits(
        seconds=None if iterations else time_limit,
        iterations=iterations,
        gap=gap,
        threads=threads,
        seed=seed,
    )
    with TerminalWatcher(quiet=as_json).watching() as watcher:
        made = make_plan(
            snapshot,
            rules,
            engine=engine,
            limits=limits,
            start=earlier,
            watcher=watcher,
            timings=timings,
            baselines=BESIDE,
            rule_prices=not skip_rule_prices,
        )
    write_plan(made, target)
    if as_json:
        print_json(made.record.model_dump_json(by_alias=True, indent=2))
    else:
        print_plan(output(), made, target)


def check(
    directory: CompanyDir,
    plan_directory: PlanDir,
    bound: Annotated[
        bool, typer.Option("--bound", help="Also derive the bound again from what proves it.")
    ] = False,
) -> None:
    """Check a plan against the tables, rule by rule; exit 1 if any is broken.

    Example: [bold]fairlead check acme acme/plan --bound[/]
    """
    from rich.markup import escape

    from models.files.plan_files import read_plan
    from planner.certificate import false_figures
    from planner.check import check as check_assignment

    checked = read_plan(plan_directory)
    snapshot, rules, _ = load(directory, plan_directory / "policy.yaml")
    console = output()
    if snapshot.content_hash != checked.record.hashes["snapshot"]:
        console.print("[yellow]The tables have changed since the plan was made.[/]")
    faults = _changed_files(plan_directory, checked)
    missing = set(snapshot.leads["lead_id"]) - set(checked.assignments["lead_id"])
    if missing:
        faults.append(f"{len(missing):,} leads of the tables are missing, as {min(missing)}")
    violations = check_assignment(rules, snapshot, checked.assignments, checked.record.settled)
    if not violations and not missing:
        faults += false_figures(snapshot, rules, checked)
    for fault in faults:
        console.print(f"[red]false[/]   {escape(fault)}", highlight=False, soft_wrap=True)
    _print_violations(console, violations)
    failed = bool(violations or faults)
    if not violations:
        count = len(checked.assignments)
        console.print(f"[green]Every rule is kept[/] by all {count:,} leads.", highlight=False)
    if bound:
        failed |= not _bound_holds(snapshot, rules, checked)
    if failed:
        raise typer.Exit(1)


def _changed_files(directory: Path, checked: Plan) -> list[str]:
    """Return which files of a plan directory no longer agree with each other."""
    import hashlib

    from models.files.assignments import read_assignments
    from models.plan import plan_hash

    faults = []
    told = checked.record.hashes
    if hashlib.sha256(checked.policy_text.encode()).hexdigest() != told.get("policy"):
        faults.append("policy.yaml is not the policy that the plan was made with")
    table = read_assignments(directory / "assignments.csv")
    if plan_hash(table.replace("", None)) != plan_hash(checked.assignments):
        faults.append("assignments.csv and assignments.parquet differ")
    return faults


def _print_violations(console: Console, violations: list[Violation]) -> None:
    """Print each broken rule with the first of its breaches."""
    by_rule: dict[str, list[Violation]] = {}
    for found in violations:
        by_rule.setdefault(f"{found.rule}: {found.sentence}", []).append(found)
    for rule, broken in by_rule.items():
        console.print(f"[red]broken[/]  {rule}", highlight=False, soft_wrap=True)
        for found in broken[:BREACHES_SHOWN]:
            who = " ".join(part for part in (found.lead_id, found.rep_id) if part)
            console.print(
                f"        {who}: {found.text}", highlight=False, markup=False, soft_wrap=True
            )
        if len(broken) > BREACHES_SHOWN:
            console.print(f"        ... and {len(broken) - BREACHES_SHOWN:,} more", highlight=False)


def _bound_holds(snapshot: Snapshot, rules: Policy, checked: Plan) -> bool:
    """Derive the bounds again from prices and multipliers; return whether they are as stated."""
    from planner.certificate import derive_bounds

    record = checked.record
    derived = derive_bounds(snapshot, rules, checked)
    holds = _print_bound("price", record.price_bound, derived.price_bound, record.currency)
    if record.knapsack is not None and derived.knapsack_bound is not None:
        holds &= _print_bound(
            "knapsack", record.knapsack.bound, derived.knapsack_bound, record.currency
        )
    console = output()
    fault = ""
    if record.bound_source == "solver":
        console.print(
            f"A solver claims the tighter bound {record.bound:,.2f}; that is unverified.",
            highlight=False,
        )
        if record.bound > derived.price_bound:
            fault = f"the price bound is {derived.price_bound:,.2f}"
    elif not derived.allows(record.bound):
        fault = f"{derived.bound:,.2f} is proved"
    if fault:
        console.print(
            f"[red]false[/]   the bound is stated as {record.bound:,.2f}, but {fault}",
            highlight=False,
        )
    return holds and not fault


def _print_bound(name: str, stored: float, derived: float, currency: str) -> bool:
    """Print whether a bound that was derived again is the stored one, and return it."""
    from planner.certificate import agree

    holds = agree(stored, derived)
    word = "[green]holds[/]" if holds else "[red]does not hold[/]"
    output().print(
        f"The {name} bound {word}: stored {stored:,.2f}, derived again {derived:,.2f} {currency}.",
        highlight=False,
    )
    return holds
