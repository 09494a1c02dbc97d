"""What the benchmark table has measured so far, in a file of JSON lines.

The first line tells the conditions, each other one a cell: a run that was ended can go on.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from models.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

ANSWERED = ("optimal", "gap_reached")


@dataclass(frozen=True)
class Conditions:
    """Under which a table was measured.

    Attributes
    ----------
    date : of its first cell, YYYY-MM-DD
    size : "full" or "small"
    seconds, lp_seconds : time limit of a generalized assignment problem, and of the company
    machine : processor, cores, memory
    versions : of what solves
    """

    date: str
    size: str
    seconds: float
    lp_seconds: float
    threads: int
    seed: int
    machine: str
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The command that measures under these conditions."""
        return (
            f"fairlead bench table --size {self.size} --time-limit {self.seconds:g} "
            f"--lp-time-limit {self.lp_seconds:g} --threads {self.threads} --seed {self.seed}"
        )


@dataclass(frozen=True)
class Cell:
    """What one method reached on one instance; money is in the problem's sense, to be maximized.

    Attributes
    ----------
    pairs : of the instance
    objective : of its assignment, verified and computed anew; None if it left none
    assigned : sum of the absolute scores of the chosen pairs with a rep; None if it left none
    bound : the lower one of what it claims and of what its prices prove; None if neither
    seconds : of solving; None if the process left no answer
    reason : why it stopped, in a word, or why there is no answer
    """

    instance: str
    method: str
    pairs: int
    objective: float | None = None
    assigned: float | None = None
    bound: float | None = None
    seconds: float | None = None
    reason: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it ended because it had what was asked for."""
        return self.reason in ANSWERED


class CellFile:
    """The cells in a file, in the order in which they were measured.

    Parameters
    ----------
    path : the file, which begins with these conditions or does not exist yet

    Attributes
    ----------
    conditions : those of the file, whose date may be an earlier one
    cells : what is in the file

    Raises
    ------
    UsageError : the file holds something else, or was measured under other conditions
    """

    def __init__(self, path: Path, conditions: Conditions) -> None:
        self._path = path
        self.cells: list[Cell] = []
        self.conditions = conditions
        lines = _whole_lines(path)
        if lines:
            self._read(lines)
        # A line that was cut short by the end of its run is measured again.
        self._write("w", self.conditions, *self.cells)

    def add(self, cell: Cell) -> None:
        """Keep a cell, in the file before anything else."""
        self._write("a", cell)
        self.cells.append(cell)

    def has(self, instance: str, method: str) -> bool:
        """Whether a method's cell of an instance is there."""
        return any((cell.instance, cell.method) == (instance, method) for cell in self.cells)

    def _read(self, lines: list[str]) -> None:
        try:
            kept = Conditions(**json.loads(lines[0]))
            self.cells = [Cell(**json.loads(line)) for line in lines[1:]]
        except (ValueError, TypeError) as error:
            raise UsageError(
                f"{self._path} holds no cells of a benchmark table: {error}"
            ) from error
        asked = asdict(self.conditions)
        for name, had in asdict(kept).items():
            if name != "date" and had != asked[name]:
                raise UsageError(
                    f"{self._path} was measured with {name} {had}, now it is {asked[name]}; "
                    "give the same options on the same machine, or begin another file"
                )
        self.conditions = kept

    def _write(self, mode: str, *records: Conditions | Cell) -> None:
        with self._path.open(mode, encoding="utf-8") as file:
            for record in records:
                file.write(json.dumps(asdict(record)) + "\n")


def _whole_lines(path: Path) -> list[str]:
    """Return the lines of a file that end with a newline; none if there is no file."""
    if not path.exists():
        return []
    return [line for line in path.read_text("utf-8").splitlines(keepends=True) if line[-1] == "\n"]
