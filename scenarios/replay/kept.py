"""What a replay has done so far, in a directory: a run that was ended goes on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import UsageError
from models.files.own_parquet import read_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

KEY_FILE, WEEKS, ASSIGNMENTS = "replay.json", "weeks", "assignments"


@dataclass(frozen=True)
class Kept:
    """The directory of a replay.

    Attributes
    ----------
    directory : holds `weeks` and `assignments`, a file per week each
    """

    directory: Path

    @classmethod
    def at(cls, directory: Path, given: Mapping[str, Any]) -> Kept:
        """Return the directory of a replay, new or begun before.

        Parameters
        ----------
        given : all that the outcome depends on

        Raises
        ------
        UsageError : another replay is there, or nothing can be written
        """
        text = json.dumps(given, sort_keys=True, default=str)
        key = hashlib.sha256(text.encode()).hexdigest()
        path = directory / KEY_FILE
        try:
            for name in (WEEKS, ASSIGNMENTS):
                (directory / name).mkdir(parents=True, exist_ok=True)
            known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
            if known is None:
                path.write_text(json.dumps({"key": key}) + "\n", encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(f"{directory} cannot hold a replay: {error}") from error
        if known is not None and known.get("key") != key:
            raise UsageError(
                f"{directory} holds a replay of other tables, policies or options; "
                "choose another --out, or remove it"
            )
        return cls(directory)

    def week(self, day: str) -> tuple[list[dict[str, Any]], pd.DataFrame] | None:
        """Return the rows and the assignments of a week; None if it has not been played."""
        rows, given = self._paths(day)
        if not rows.exists():
            return None
        return json.loads(rows.read_text(encoding="utf-8")), read_frame(given)

    def write(self, day: str, rows: Sequence[Mapping[str, Any]], given: pd.DataFrame) -> None:
        """Write a week; its rows come last, by which it counts as played."""
        path, assignments = self._paths(day)
        given.to_parquet(assignments, index=False)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(list(rows), indent=1) + "\n", encoding="utf-8")
        new.replace(path)

    def _paths(self, day: str) -> tuple[Path, Path]:
        return (
            self.directory / WEEKS / f"{day}.json",
            self.directory / ASSIGNMENTS / f"{day}.parquet",
        )
