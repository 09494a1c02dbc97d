"""`fairlead explain`: why a lead is with its rep, and what another would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import TerminalWatcher, output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PlanDir, TimeLimit

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from models.explanation import Alternative, WhyNot, WhyRep
    from planner.explain.words import Words
    from planner.planned import Planned

MOVES_SHOWN = 12


def explain(
    directory: CompanyDir,
    plan: PlanDir,
    lead: Annotated[str, typer.Argument(metavar="LEAD", help="A lead's id.")],
    against: Annotated[
        str | None, typer.Option("--why-not", metavar="REP", help="Ask for this rep instead.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="With --why-not: solve again with the lead there.")
    ] = False,
    time_limit: TimeLimit = 60.0,
    as_json: AsJson = False,
) -> None:
    """Tell why a lead is where the plan has it, or what it would cost to give it to REP.

    Example: [bold]fairlead explain acme acme/plan L0042 --why-not R07 --exact[/]
    """
    from models.errors import UsageError
    from models.outcome import Limits
    from planner.explain.why import why
    from planner.explain.why_not import why_not

    if exact and against is None:
        raise UsageError("--exact goes with --why-not REP: it solves again with the lead there")
    planned = load_planned(directory, plan)
    if against is None:
        told = why(planned, lead)
        if as_json:
            print_json(told.model_dump_json(indent=2))
        else:
            _print_why(output(), planned, told)
        return
    with TerminalWatcher(quiet=as_json).watching() as watcher:
        answer = why_not(
            planned,
            lead,
            against,
            exact=exact,
            limits=Limits(seconds=time_limit, gap=0.0),
            watcher=watcher,
        )
    if as_json:
        print_json(answer.model_dump_json(indent=2))
    else:
        _print_why_not(output(), planned, answer)


def load_planned(directory: Path, plan: Path) -> Planned:
    """Return a plan of a directory beside the problem that it answers."""
    from models.files.plan_files import read_plan
    from planner.planned import Planned

    made = read_plan(plan)
    snapshot, policy, _ = load(directory, plan / "policy.yaml")
    return Planned(snapshot, policy, made)


def _words(planned: Planned) -> Words:
    from planner.explain.words import Words

    return Words.of(planned)


def _print_why(console: Console, planned: Planned, told: WhyRep) -> None:
    from rich.markup import escape
    from rich.table import Table

    words = _words(planned)
    console.print(f"[bold]{escape(told.text)}[/]", highlight=False)
    if len(told.family) > 1:
        others = ", ".join(each for each in told.family if each != told.lead_id)
        console.print(f"It shares its rep with {escape(others)}.", highlight=False)
    if told.amount is not None and told.win_probability is not None:
        console.print(
            f"{words.money(told.amount)} at {told.win_probability:.1%} to win: "
            f"{words.money(told.expected_value)} expected.",
            highlight=False,
        )
    if len(told.parts) > 1:
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column()
        table.add_column(justify="right")
        table.add_column(style="dim")
        for part in told.parts:
            table.add_row(part.code.replace("_", " "), words.money(part.money), escape(part.text))
        table.add_row("score", words.money(told.score), "")
        console.print()
        console.print(table)
    _print_alternatives(console, words, told)
    for relaxation in told.relaxations:
        reps = ", ".join(relaxation.rep_ids[:5]) + (", ..." if len(relaxation.rep_ids) > 5 else "")
        rules = " and ".join(relaxation.rules)
        console.print(
            f"Without [bold]{escape(rules)}[/]: {escape(reps)}. "
            f"[dim]{escape(' '.join(relaxation.sentences))}[/]",
            highlight=False,
        )


def _print_alternatives(console: Console, words: Words, told: WhyRep) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not told.alternatives:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("rep")
    table.add_column("expected", justify="right")
    table.add_column("score", justify="right")
    table.add_column("prices", justify="right")
    table.add_column("loss by prices", justify="right")
    table.add_column("what holds it back")
    for other in told.alternatives:
        table.add_row(
            escape(other.rep_id or "nobody"),
            words.money(other.expected_value),
            words.money(other.score),
            words.money(sum(charge.money for charge in other.charges)),
            words.money(other.loss),
            escape(_held_back(words, other)),
        )
    console.print(f"\nOther reps ({told.num_allowed:,} may work it)", highlight=False)
    console.print(table)


def _held_back(words: Words, other: Alternative) -> str:
    from planner.explain.words import LEAST_MONEY

    parts = [words.obstacle(found) for found in other.obstacles]
    if abs(other.gain) <= LEAST_MONEY:
        parts.insert(0, "the same value")
    elif other.gain < 0:
        parts.insert(0, "less value")
    return "; ".join(parts) or "nothing: the plan can be improved"


def _print_why_not(console: Console, planned: Planned, told: WhyNot) -> None:
    from rich.markup import escape
    from rich.table import Table

    words = _words(planned)
    console.print(f"[bold]{escape(told.text)}[/]", highlight=False)
    for rule, sentence in dict.fromkeys((ban.rule, ban.sentence) for ban in told.bans):
        console.print(f"[dim]{escape(rule)}: {escape(sentence)}[/]", highlight=False)
    if not told.moves:
        return
    source = "solved again" if told.is_exact else "found by a chain of moves"
    table = Table(box=None, pad_edge=False)
    for name in ("lead", "from", "to"):
        table.add_column(name)
    table.add_column("score", justify="right")
    for move in told.moves[:MOVES_SHOWN]:
        ends = (escape(move.from_rep or "nobody"), escape(move.to_rep or "nobody"))
        table.add_row(escape(move.lead_id), *ends, words.money(move.change))
    console.print(f"\nWhat it would set off ({source})", highlight=False)
    console.print(table)
    if len(told.moves) > MOVES_SHOWN:
        console.print(f"... and {len(told.moves) - MOVES_SHOWN:,} more; `--json` lists all of them")
