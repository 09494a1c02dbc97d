"""Stands for a worker: does nothing until it is told to end, and notes that it was."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType


def main() -> None:
    """Be the process."""
    note = Path(os.environ["FAIRLEAD_DATA"]) / str(os.getpid())

    def end(_number: int, _frame: FrameType | None) -> None:
        note.write_text("ended", encoding="utf-8")
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    note.write_text("begun", encoding="utf-8")
    while True:
        signal.pause()


main()
