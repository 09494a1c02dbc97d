"""Options that are said once reach every command that takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from api.cli.spread import spread


@dataclass(frozen=True)
class Common:
    """Options of the two commands."""

    directory: Annotated[str, typer.Argument(metavar="DIR")]
    out: Annotated[str, typer.Option("--out", help="Where it goes.")]
    workers: Annotated[int, typer.Option("--workers", min=1)] = 2


@pytest.fixture
def app() -> typer.Typer:
    """Return an application of two commands, each with an option of its own."""
    made = typer.Typer()

    @spread(Common)
    def count(shared: Common, times: Annotated[int, typer.Option("--times")] = 1) -> None:
        """Count things."""
        typer.echo(f"{shared} {times}")

    @spread(Common)
    def name(word: Annotated[str, typer.Option("--word")], shared: Common) -> None:
        """Name things."""
        typer.echo(f"{shared} {word}")

    for command in (count, name):
        made.command(name=command.__name__)(command)
    return made


def test_each_command_has_the_shared_options_and_its_own(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["count", "here", "--out", "there", "--times", "3"])
    assert told.output == "Common(directory='here', out='there', workers=2) 3\n"
    told = CliRunner().invoke(app, ["name", "--word", "x", "--workers", "5", "--out", "o", "d"])
    assert told.output == "Common(directory='d', out='o', workers=5) x\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["count", "here"], "--out"),
        (["count", "here", "--out", "there", "--workers", "0"], "or equal to 1"),
        (["count", "here", "--out", "there", "--word", "x"], "--word"),
    ],
)
def test_what_is_missing_or_wrong_is_refused(app: typer.Typer, args: list[str], said: str) -> None:
    told = CliRunner().invoke(app, args)
    assert told.exit_code == 2
    assert said in told.output


def test_help_is_the_commands_own(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["name", "--help"]).output
    assert "Name things." in told
    assert "Where it goes." in told
    assert "shared" not in told
