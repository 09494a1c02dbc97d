"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CompanyDir = Annotated[
    Path, typer.Argument(metavar="DIR", help="Company directory: snapshot.yaml and its tables.")
]
PlanDir = Annotated[Path, typer.Argument(metavar="PLAN", help="Plan directory.")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="Policy file; DIR/policy.yaml if not given.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Seed = Annotated[
    int,
    typer.Option("--seed", min=0, help="Breaks ties; repeatable with --iterations."),
]
TieSeed = Annotated[int, typer.Option("--seed", min=0, help="Breaks ties.")]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=0, help="Seconds for solving; the best plan is kept.")
]

POLICY = "policy.yaml"


def policy_path(directory: Path, policy: Path | None) -> Path:
    """Return the policy file to use."""
    return directory / POLICY if policy is None else policy
