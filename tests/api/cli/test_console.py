"""What libraries print to standard output does not mix with answers."""

from __future__ import annotations

import os

import pytest

from api.cli.console import only_answers_on_stdout, print_json


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
