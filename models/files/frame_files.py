"""Writes frames that a command leaves: CSV for people, Parquet for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError
from models.files.csv_writer import write_csv

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


OCCUPIED = {"snapshot.yaml": "a company", "plan.json": "a plan"}


def refuse_occupied(directory: Path) -> None:
    """Refuse a directory in which files that a command leaves would be among others' files.

    Raises
    ------
    UsageError : it is a company's or a plan's own
    """
    for name, what in OCCUPIED.items():
        if (directory / name).exists():
            raise UsageError(f"{directory} is the directory of {what}; choose another one")


def write_frames(frames: Mapping[str, pd.DataFrame], directory: Path) -> None:
    """Write each frame as NAME.csv and NAME.parquet; those of an earlier run are replaced.

    Raises
    ------
    UsageError : the place cannot be written, or is a company's or a plan's
    """
    refuse_occupied(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            write_csv(frame, directory / f"{name}.csv", defuse=True)
            frame.to_parquet(directory / f"{name}.parquet", index=False)
    except OSError as error:
        raise UsageError(f"{directory} cannot be written: {error.strerror}") from error
