"""`fairlead baseline`: what the policies of other systems make of a company."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import output, print_json
from api.cli.load import load
from api.cli.options import AsJson, CompanyDir, PolicyFile, TieSeed, policy_path

POLICIES = """\
all of them, or one: greedy, round_robin, least_busy, odoo_rotation, odoo_daily, odoo_weighted, \
frappe_round_robin, frappe_load_balancing, frappe_by_field, frappe_weighted, espo_round_robin, \
espo_least_busy, chatwoot_round_robin, chatwoot_balanced, cal_fair, proportional."""


class Scope(StrEnum):
    """Which leads are shared out."""

    ALL = "all"
    NEW = "new"


def baseline(
    directory: CompanyDir,
    rule: Annotated[str, typer.Option("--rule", help=POLICIES)] = "all",
    policy: PolicyFile = None,
    leads: Annotated[
        Scope,
        typer.Option(
            "--leads",
            help="all: as if nobody owned any; new: only those without an owner, the others stay.",
        ),
    ] = Scope.ALL,
    uncapped: Annotated[
        bool,
        typer.Option(
            "--uncapped", help="Ignore the limits, as a system without any does; tell the breaches."
        ),
    ] = False,
    field: Annotated[
        str, typer.Option("--field", help="Column of leads that names a rep: frappe_by_field.")
    ] = "owner",
    out: Annotated[
        Path | None, typer.Option("--out", help="Where plans go; with `all`, one below per policy.")
    ] = None,
    seed: TieSeed = 0,
    as_json: AsJson = False,
) -> None:
    """Share the leads out by a simple policy, under the same rules and limits.

    docs/simple-policies.md tells what each policy does, and which system does it that way.

    Example: [bold]fairlead baseline acme --rule odoo_rotation[/]
    """
    import json

    from api.cli.side_by_side import print_kpis
    from api.cli.summary import print_baselines
    from models.errors import UsageError
    from models.files.plan_files import write_plan
    from planner.baseline import make_baselines
    from planner.engines.baselines.routers import ROUTERS
    from planner.intake import Leads

    if rule not in (*ROUTERS, "all"):
        raise UsageError(f"no policy is called {rule!r}; there are {', '.join(ROUTERS)} and all")
    snapshot, rules, timings = load(
        directory, policy_path(directory, policy), keep={"leads": {field}}
    )
    plans = make_baselines(
        snapshot,
        rules,
        list(ROUTERS) if rule == "all" else [rule],
        leads=Leads(leads),
        capped=not uncapped,
        field=field,
        seed=seed,
        timings=timings,
    )
    for name, made in plans.items():
        if out is not None:
            write_plan(made, out / name if rule == "all" else out)
    if as_json:
        records = {
            name: made.record.model_dump(mode="json", by_alias=True) for name, made in plans.items()
        }
        print_json(json.dumps(records if rule == "all" else records[rule], indent=2))
    elif rule == "all":
        print_baselines(output(), plans)
    else:
        print_kpis(output(), plans)
