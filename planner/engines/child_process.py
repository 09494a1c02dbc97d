"""The parent's handle of a child process: start, hear, cancel, end."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import planner
from planner.engines.transport import CRASH, LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
CHUNK = 64 * 1024
# Long enough for an orderly exit, in which native libraries may hang.
EXIT_SECONDS = 0.5
# Seen with ortools 9.15: its solvers turn a failed allocation into any of three ends.
CRASH_ADVICE = "native solvers end like this also when memory_mb is too low for them"
KILLED_ADVICE = "the system ends processes like this when the machine is short of memory"
LINES = 5
LINE_LENGTH = 300


class Child:
    """A running child; made by `child_process`.

    Attributes
    ----------
    process : its handle
    """

    def __init__(self, process: subprocess.Popen[bytes], inbox: int, outbox: int) -> None:
        self.process = process
        self._inbox = inbox
        self._outbox = outbox
        self._poller = select.poll()
        self._poller.register(inbox, select.POLLIN)

    def read(self, seconds: float) -> bytes | None:
        """Return what the process has sent, waiting for it at most `seconds`; None for nothing, and
        no bytes once it has closed its pipe.
        """
        ready = self._poller.poll(1000 * max(0.0, seconds))
        # A process that the caller forked meanwhile may hold the pipe open after the child's end.
        if not ready and (self.process.poll() is None or self._poller.poll(0)):
            return None
        return os.read(self._inbox, CHUNK) if ready else b""

    def ask_to_stop(self) -> None:
        """Make the child's `should_stop` true; the caller ends it if that does not help."""
        # Refused where it has ended by itself, which `read` will tell.
        with suppress(BrokenPipeError):
            os.write(self._outbox, b"!")

    def leave(self) -> None:
        """Give the process, which has answered, time for an orderly exit."""
        # After that it is killed as any other.
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(EXIT_SECONDS)

    def ending(self) -> tuple[str, str]:
        """Return how the process ended, which gave no answer, and what people may do about it, or
        "".
        """
        try:
            code = self.process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return "closed its pipe without an answer", ""
        if code >= 0:
            return f"ended without an answer, exit code {code}", ""
        name = (signal.strsignal(-code) or "unknown").lower()
        advice = KILLED_ADVICE if -code == signal.SIGKILL else CRASH_ADVICE
        return f"was ended by signal {-code} ({name})", advice


@contextmanager
def child_process(module: str, directory: Path, threads: int) -> Iterator[Child]:
    """Start a module of ours on a directory; kill it at the end, if need be.

    It is told the directory, the descriptors of its two pipes, and its parent. What it prints goes
    to the directory's file `transport.LOG`. Messages have a pipe of their own because native
    solvers print to stdout. A second pipe goes the other way: a byte in it asks the child to stop,
    and its end tells that the parent is gone.
    """
    with ExitStack() as ours:
        with ExitStack() as theirs:
            inbox, child_outbox = os.pipe()
            ours.callback(os.close, inbox)
            theirs.callback(os.close, child_outbox)
            child_inbox, outbox = os.pipe()
            theirs.callback(os.close, child_inbox)
            ours.callback(os.close, outbox)
            output = theirs.enter_context((directory / LOG).open("wb"))
            # -P: a folder named models/ where the user stands must not be taken for ours.
            command = [sys.executable, "-P", "-m", module]
            descriptors = (child_outbox, child_inbox)
            process = subprocess.Popen(  # noqa: S603  the command is ours, its arguments numbers
                [*command, str(directory), *map(str, descriptors), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
                env=_environment(threads),
                # Ctrl-C on the terminal is for the parent, which may want the best plan so far.
                start_new_session=True,
            )
            ours.callback(_end, process)
        yield Child(process, inbox, outbox)


def last_words(directory: Path) -> str:
    """Return the last lines that a process printed, and where Python was if it crashed.

    Parameters
    ----------
    directory : with its files `transport.LOG` and, if it crashed, `transport.CRASH`
    """
    return " / ".join([*_last_lines(directory / LOG), *_place(directory / CRASH)])


def _last_lines(path: Path) -> list[str]:
    """Return the last lines of a log, without those that hold no words."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LINES * LINE_LENGTH))
        text = file.read().decode(errors="replace")
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^~")]
    return [
        "".join(letter if letter.isprintable() else "?" for letter in line[-LINE_LENGTH:])
        for line in lines[-LINES:]
    ]


def _place(path: Path) -> list[str]:
    """Return where Python was when it crashed: its report names the innermost call first."""
    if not path.exists():
        return []
    with path.open(errors="replace") as file:
        lines = (line.strip() for line in file)
        return [f"crashed in {line}" for line in lines if line.startswith("File ")][:1]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _environment(threads: int) -> dict[str, str]:
    root = str(Path(planner.__file__).parents[1])
    paths = [str(Path(entry).absolute()) for entry in sys.path]
    # The parent may have found its packages by a relative path from where it no longer stands.
    if root not in paths:
        paths.insert(0, root)
    return (
        os.environ
        | dict.fromkeys(THREAD_VARIABLES, str(threads))
        | {"PYTHONPATH": os.pathsep.join(paths)}
    )
