"""The options of commands that make many plans."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import AsJson, CompanyDir, PolicyFile, Seed

if TYPE_CHECKING:
    from models.outcome import Limits
    from models.plan import Plan


@dataclass(frozen=True)
class Many:
    """Which company, what plans begin with, how long each may take, and where they go."""

    directory: CompanyDir
    out: Annotated[Path, typer.Option("--out", help="Directory for the plans and their table.")]
    policy: PolicyFile = None
    base: Annotated[
        Path | None, typer.Option("--from", help="The base plan; made first if not given.")
    ] = None
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, help="Seconds for solving each of them.")
    ] = 60.0
    gap: Annotated[float, typer.Option("--gap", min=0, help="Good enough: 0.001 is 0.1 %.")] = 0.001
    seed: Seed = 0
    workers: Annotated[int, typer.Option("--workers", min=1, help="How many run at a time.")] = 2
    as_json: AsJson = False

    def base_plan(self) -> Plan | None:
        """Return the plan that all begin with; None if it has to be made."""
        from models.files.plan_files import read_plan

        return None if self.base is None else read_plan(self.base)

    def limits(self) -> Limits:
        """Return the limits of each plan."""
        from models.outcome import Limits

        return Limits(seconds=self.time_limit, gap=self.gap, seed=self.seed)
