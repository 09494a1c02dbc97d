"""The commands, and how their errors become exit codes.

0 ok; 1 the answer is "no" (errors found, infeasible, check failed); 2 bad usage or input;
3 stopped by a limit without a plan.
"""

from __future__ import annotations

import os
import sys

import typer

from api.cli import (
    accept,
    audit,
    backup,
    baseline,
    bench,
    changes,
    demo,
    diagnose,
    evaluate,
    explain,
    frontier,
    import_,
    keys,
    migrate,
    plan,
    prices,
    recommend,
    replay,
    report,
    robustness,
    serve,
    validate,
    what_if,
    worker,
)
from api.cli import compare as compare_
from api.cli.console import errors

NO, BAD_INPUT, NO_PLAN, INTERRUPTED = 1, 2, 3, 130
DEBUG = "FAIRLEAD_DEBUG"

app = typer.Typer(
    name="fairlead",
    help="Plans who works which lead, to a proven distance from the best possible.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
for command in (
    demo.demo,
    import_.import_,
    validate.validate,
    plan.plan,
    plan.check,
    evaluate.evaluate,
    baseline.baseline,
    explain.explain,
    prices.prices,
    changes.changes,
    diagnose.diagnose,
    recommend.recommend,
    compare_.compare,
    what_if.what_if,
    what_if.sweep,
    frontier.frontier,
    accept.accept,
    robustness.robustness,
    replay.replay,
    report.report,
    serve.serve,
    worker.worker,
    backup.backup,
    backup.restore,
    migrate.migrate,
):
    app.command(name=command.__name__.strip("_").replace("_", "-"))(command)
app.add_typer(bench.bench, name="bench")
app.add_typer(keys.keys, name="keys")
app.add_typer(audit.audit, name="audit")


def main() -> None:
    """Run the command line; every error of a user ends in a sentence, not a traceback."""
    from rich.markup import escape

    from api.cli.issues import print_issues
    from models.errors import FairleadError, InputError, NoPlanError

    try:
        app(prog_name="fairlead")
    except NoPlanError as error:
        errors().print(f"[bold red]No plan:[/] {escape(str(error))}", highlight=False)
        sys.exit(NO if error.impossible else NO_PLAN)
    except InputError as error:
        errors().print(f"[bold red]Error:[/] {escape(error.message)}", highlight=False)
        print_issues(errors(), error.issues.errors())
        sys.exit(BAD_INPUT)
    except FairleadError as error:
        errors().print(f"[bold red]Error:[/] {escape(str(error))}", highlight=False)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        errors().print("Stopped.")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
    except Exception as error:
        # A fault of ours: the user gets a sentence, and the traceback only on request.
        if os.environ.get(DEBUG):
            raise
        told = f"{type(error).__name__}: {error}"
        errors().print(
            f"[bold red]Internal error:[/] {escape(told)}. This is a fault of Fairlead; "
            f"set {DEBUG}=1 and run again to see where.",
            highlight=False,
        )
        sys.exit(NO_PLAN)
