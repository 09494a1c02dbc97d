"""What libraries print does not mix with answers, and what is done is counted."""

from __future__ import annotations

import os
from io import StringIO

import pytest
from rich.console import Console

from api.cli.console import counting, only_answers_on_stdout, print_json


def test_lines_of_libraries_go_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with only_answers_on_stdout():
        os.write(1, b"a line of a library\n")
    print_json("{}")
    told = capfd.readouterr()
    assert (told.out, told.err) == ("{}\n", "a line of a library\n")


def test_stdout_is_back_after_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), only_answers_on_stdout():
        raise ValueError("broken")
    os.write(1, b"an answer\n")
    assert capfd.readouterr().out == "an answer\n"


def count_two(*, quiet: bool = False) -> None:
    with counting(2, quiet=quiet) as done:
        done("one [sic]: solved")
        done("two: refused")


def test_what_is_done_is_counted_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    count_two()
    assert capsys.readouterr().err == "1 of 2: one [sic]: solved\n2 of 2: two: refused\n"
    count_two(quiet=True)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    terminal = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr("api.cli.console.errors", lambda: terminal)
    count_two()
    assert "2/2" in screen.getvalue()
    assert "two: refused" in screen.getvalue()
    assert "2 of 2" not in screen.getvalue()
