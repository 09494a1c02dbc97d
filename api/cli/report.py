"""`fairlead report`: a plan as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output
from api.cli.options import PlanDir

PAGE = b"<!doctype html>"


def report(
    plan: PlanDir,
    out: Annotated[Path, typer.Option("--out", help="The HTML file to write.")],
    beside: Annotated[
        list[Path] | None,
        typer.Option("--beside", help="A plan to tell it beside; may be given several times."),
    ] = None,
) -> None:
    """Write a page about a plan: figures, charts, rules, moves, prices; it needs no network.

    Example: [bold]fairlead report acme/plan --out acme.html[/]
    """
    from rich.markup import escape

    from api.cli.plan_names import short_names
    from models.errors import UsageError
    from models.files.plan_files import read_plan
    from scenarios.report.page import report as page

    if out.exists() and not _is_page(out):
        raise UsageError(f"{out} exists and is no page of ours; choose another file")
    others = beside or []
    names = short_names([plan, *others])[1:]
    page_text = page(read_plan(plan), dict(zip(names, map(read_plan, others), strict=True)))
    try:
        out.write_text(page_text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror or error}") from None
    output().print(f"Report in {escape(str(out))}", highlight=False)


def _is_page(path: Path) -> bool:
    """Return whether a file is an HTML page, which a new one may replace."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(PAGE)) == PAGE
