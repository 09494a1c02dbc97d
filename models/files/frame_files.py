"""Writes frames that a command leaves: CSV for people, Parquet for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd


def write_frames(frames: Mapping[str, pd.DataFrame], directory: Path) -> None:
    """Write each frame as NAME.csv and NAME.parquet; those of an earlier run are replaced.

    Raises
    ------
    UsageError : the place cannot be written
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, frame in frames.items():
            frame.to_csv(directory / f"{name}.csv", index=False, lineterminator="\n")
            frame.to_parquet(directory / f"{name}.parquet", index=False)
    except OSError as error:
        raise UsageError(f"{directory} cannot be written: {error.strerror}") from error
