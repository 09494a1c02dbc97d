"""The page of benchmarks: every figure and every sentence follows from the measured cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios.bench.company_section import company_section
from scenarios.bench.gap_section import gap_section
from scenarios.bench.markdown import paragraph
from scenarios.bench.programme import COMPANY
from scenarios.bench.standings import Standing

if TYPE_CHECKING:
    from scenarios.bench.cells import Cell, Conditions
    from scenarios.bench.programme import Instance

TERMS = """\
## Terms

- Each method runs alone, in a process of its own. Seconds are those of solving: loading libraries
  and compiled code, and building models, come before.
- A plan counts when every limit has been verified and its objective computed anew. The bounds of
  GLOP, PDLP and the linear HiGHS are what their prices prove, evaluated by us. Other bounds may be
  a method's own word; one that contradicts a verified plan would not count.
- The rivals are the solvers of OR-Tools on the whole model, with its time limit, threads and seed.
  Gap tolerances are 0, those of PDLP 1e-6; all else is as it comes. HiGHS and CP-SAT get figures
  scaled by powers of two, SCIP plain ones: what suited each better.
"""


def page(conditions: Conditions, instances: list[Instance], cells: list[Cell]) -> str:
    """Return the page as Markdown."""
    standings = [Standing.of(instance, cells) for instance in instances]
    gap = [each for each in standings if each.instance.kind != COMPANY]
    parts = [_head(conditions), gap_section(conditions, gap)]
    parts += [
        company_section(conditions, each) for each in standings if each.instance.kind == COMPANY
    ]
    return "\n".join([*parts, TERMS])


def _head(conditions: Conditions) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in conditions.versions.items())
    return (
        "# Benchmarks\n\n"
        "What the engines reach beside OR-Tools' own solvers, measured by one command:\n\n"
        f"```sh\n{conditions.command}\n```\n\n"
        + paragraph(f"{conditions.date}; {conditions.machine}; {versions}.")
    )
