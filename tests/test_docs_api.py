"""The walk through the API runs, on a server as a user starts it; its tables tell what is true."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import chdir, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

from api.routes.access import NEEDS, OPEN
from api.services.access.roles import RIGHTS, Right
from api.settings import PREFIX, Settings
from tests.api.cli.test_serve import KEY, SECONDS, free_port, serving
from tests.command_line import run_here
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PAGE = ROOT / "docs" / "api.md"
SERVICE = ROOT / "docs" / "service.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (.+) \|$", re.MULTILINE)


def rows_of(page: Path, heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, but for its head."""
    text = page.read_text("utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in row.split(" | ")] for row in ROW.findall(section)][1:]


def test_the_walk_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = FENCE.findall(PAGE.read_text("utf-8"))
    (start, *contacts) = [code for language, code in blocks if language == "sh"]
    demo, serve = start.splitlines()
    assert run_here(*demo.split()[1:], cwd=tmp_path).returncode == 0
    assert serve.split()[1:] == ["serve", "--data", "acme-service"]
    # Nobody reads its log here, and a pipe that is full would stop it.
    monkeypatch.setenv("FAIRLEAD_LOG_LEVEL", "error")
    port = free_port()
    with serving(tmp_path / "acme-service", port) as (process, lines):
        try:
            (key,) = KEY.findall("".join(lines))
            monkeypatch.setenv("FAIRLEAD_KEY", key)
            for code in contacts:
                run_shell(code.replace(":8000", f":{port}"), tmp_path)
            with chdir(tmp_path):
                run_python(blocks, port)
        finally:
            # It must end its worker, which a kill would leave.
            process.terminate()
            process.wait(SECONDS)


def run_shell(code: str, directory: Path) -> None:
    """Run a block as a reader pastes it."""
    command = ["bash", "-euc", code]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{code}: {done.stdout}{done.stderr}"


def run_python(blocks: list[tuple[str, str]], port: int) -> None:
    """Run the Python blocks in their order, and hold what they print against what follows them."""
    names: dict[str, Any] = {}
    told = ""
    for language, code in blocks:
        if language == "python":
            with redirect_stdout(StringIO()) as printed:
                exec(code.replace(":8000", f":{port}"), names)  # noqa: S102  it is ours
            told = printed.getvalue()
        elif language == "text":
            assert told == code


def test_the_roles_are_those_of_the_service() -> None:
    rows = {name.strip("`"): cells for name, *cells in rows_of(PAGE, "Roles")}
    assert list(rows) == list(RIGHTS)
    for role, rights in RIGHTS.items():
        assert [bool(cell) for cell in rows[role]] == [right in rights for right in Right], role


def test_the_routes_are_those_of_the_service() -> None:
    rows = rows_of(PAGE, "Routes")
    told = {route.strip("`"): rights for route, rights in rows}
    assert len(told) == len(rows)
    there = {name: ", ".join(sorted(rights)) for name, rights in NEEDS.items()}
    everybody = ", ".join(sorted(Right))
    known = {name: "any" if rights == everybody else rights for name, rights in there.items()}
    assert told == {**known, **dict.fromkeys(OPEN, "open")}


def test_every_setting_is_told_with_its_default() -> None:
    rows = {name.strip("`"): cells for name, *cells in rows_of(SERVICE, "Settings")}
    assert list(rows) == [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name, field in Settings.model_fields.items():
        default, meaning = rows[f"{PREFIX}{name.upper()}"]
        assert (default, meaning) == (shown(field.default), field.description), name


def shown(default: object) -> str:
    """Return a default as an environment variable would say it."""
    if default is None or default in ((), {}):
        return "-"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        listed = ", ".join(f'"{value}"' for value in default)
        return f"`[{listed}]`"
    return f"`{os.fspath(default) if isinstance(default, os.PathLike) else default}`"
