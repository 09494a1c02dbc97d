"""Where commands write: answers to standard output, everything else to standard error."""

from __future__ import annotations

import itertools
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from planner.engines.engine import Progress

PLAIN_WIDTH = 110
STOPPING = (signal.SIGINT, signal.SIGTERM)


def output() -> Console:
    """Return the console for answers."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)


def errors() -> Console:
    """Return the console for progress and errors."""
    from rich.console import Console

    console = Console(stderr=True)
    return (
        console if console.is_terminal else Console(stderr=True, width=PLAIN_WIDTH, soft_wrap=True)
    )


class TerminalWatcher:
    """Shows a run's progress: a live line on a terminal, plain lines elsewhere.

    The first Ctrl-C or SIGTERM stops the run and keeps its best plan; the second one aborts.

    Parameters
    ----------
    quiet : whether to show nothing
    kept : what is kept when the run is stopped
    """

    def __init__(self, *, quiet: bool = False, kept: str = "the best plan so far is kept") -> None:
        self._quiet = quiet
        self._kept = kept
        self._stop = False
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._began = time.monotonic()

    @contextmanager
    def watching(self) -> Iterator[TerminalWatcher]:
        """Show progress and catch Ctrl-C and SIGTERM until the block ends."""
        before = {number: signal.signal(number, self._on_interrupt) for number in STOPPING}
        try:
            if errors().is_terminal and not self._quiet:
                with self._live():
                    yield self
            else:
                yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def _live(self) -> Iterator[None]:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=errors(), transient=True) as self._bar:
            self._task = self._bar.add_task("starting")
            yield
        self._bar = None

    def report(self, progress: Progress) -> None:
        """Show what an engine is doing."""
        if self._quiet or not progress.message:
            return
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=progress.message)
        else:
            seconds = time.monotonic() - self._began
            errors().print(f"{seconds:6.1f} s  {progress.message}", highlight=False)

    def should_stop(self) -> bool:
        """Whether somebody wants the run to stop."""
        return self._stop

    def _on_interrupt(self, _signal: int, _frame: FrameType | None) -> None:
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True
        if not self._quiet:
            errors().print(f"Stopping; {self._kept}. Ctrl-C again aborts.")


@contextmanager
def counting(total: int | None, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Yield what says that one more thing is done, and what it was.

    A bar on a terminal, plain lines elsewhere.

    Parameters
    ----------
    total : how many things there are; None where nobody knows before
    quiet : whether to show nothing
    """
    console = errors()
    if quiet:
        yield lambda _: None
    elif console.is_terminal:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as ProgressBar

        told = TextColumn("{task.description}", markup=False)
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), told)
        with ProgressBar(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=total)
            yield lambda text: bar.update(task, advance=1, description=text)
    else:
        numbers, of = itertools.count(1), "" if total is None else f" of {total}"
        yield lambda text: console.print(
            f"{next(numbers)}{of}: {text}", highlight=False, markup=False
        )


@contextmanager
def only_answers_on_stdout() -> Iterator[None]:
    """Lead what libraries print to standard output to standard error, until the block ends.

    HiGHS has lines of its own that no option of it turns off.
    """
    import os
    import sys

    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def print_json(text: str) -> None:
    """Write JSON to standard output, as it is."""
    import sys

    sys.stdout.write(text if text.endswith("\n") else text + "\n")
