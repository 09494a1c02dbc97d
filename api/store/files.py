"""Files that belong to a snapshot, a plan or a publication, kept in the database in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from api.errors import NotFoundError
from api.store.tables import FileRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

PEOPLE_FILE = "people.parquet"
"""What the file with a snapshot's personal data is called."""
PIECE = 1 << 20
"""Bytes of a piece: of a file of any size, only so much is in memory."""


def store_files(session: Session, owner_id: str, files: Iterable[Path]) -> None:
    """Keep files under their names in the caller's transaction."""
    for path in files:
        with path.open("rb") as stream:
            # A file without content has a piece, too, or it would not be there.
            number, content = 0, stream.read(PIECE)
            while content or number == 0:
                piece = {"owner_id": owner_id, "name": path.name}
                session.execute(insert(FileRow), [{**piece, "number": number, "content": content}])
                number, content = number + 1, stream.read(PIECE)


def read_file(session: Session, owner_id: str, name: str) -> Iterator[bytes]:
    """Yield the pieces of a file.

    Raises
    ------
    NotFoundError : there is none of that name
    """
    number = 0
    while True:
        content = session.scalar(
            select(FileRow.content).where(
                FileRow.owner_id == owner_id, FileRow.name == name, FileRow.number == number
            )
        )
        if content is None:
            break
        yield content
        number += 1
    if number == 0:
        raise NotFoundError(f"{owner_id} has no file {name!r}")


def write_files(session: Session, owner_id: str, directory: Path) -> None:
    """Write the files of an owner into a directory that is there, but for personal data: that
    stays in the database, where it can be removed.

    Raises
    ------
    NotFoundError : it has none
    """
    names = _names(session, owner_id)
    if not names:
        raise NotFoundError(
            f"{owner_id} has no files: those older than FAIRLEAD_RETENTION_DAYS are removed"
        )
    for name in names:
        with (directory / name).open("wb") as stream:
            stream.writelines(read_file(session, owner_id, name))


def holds_files(session: Session, owner_id: str, directory: Path) -> bool:
    """Return whether a directory holds what `write_files` would write, and nothing else."""
    names = _names(session, owner_id)
    if {path.name for path in directory.iterdir()} != names:
        return False
    return all(_is_written(session, owner_id, directory / name) for name in names)


def remove_files(session: Session, owner_id: str) -> None:
    """Remove all files of an owner."""
    session.execute(delete(FileRow).where(FileRow.owner_id == owner_id))


def replace_file(session: Session, owner_id: str, path: Path) -> None:
    """Put a file in the place of the one of its name."""
    session.execute(delete(FileRow).where(FileRow.owner_id == owner_id, FileRow.name == path.name))
    store_files(session, owner_id, [path])


def has_files(session: Session, owner_id: str) -> bool:
    """Return whether an owner has files."""
    asked = select(FileRow.owner_id).where(FileRow.owner_id == owner_id).limit(1)
    return session.scalar(asked) is not None


def _names(session: Session, owner_id: str) -> set[str]:
    asked = select(FileRow.name).where(
        FileRow.owner_id == owner_id, FileRow.number == 0, FileRow.name != PEOPLE_FILE
    )
    return set(session.scalars(asked))


def _is_written(session: Session, owner_id: str, path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            pieces = read_file(session, owner_id, path.name)
            return all(stream.read(len(piece)) == piece for piece in pieces) and not stream.read(1)
    except OSError:
        return False
