"""A file in the database, read where its reader wants, without having all of it in memory."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.errors import NotFoundError
from api.store.files import PIECE
from api.store.tables import FileRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class StoredFile(io.RawIOBase):
    """A stream over the pieces of a file; it holds one of them, and lives within a transaction.

    Raises
    ------
    NotFoundError : there is none of that name
    """

    def __init__(self, session: Session, owner_id: str, name: str) -> None:
        super().__init__()
        self._session = session
        self._is_it = (FileRow.owner_id == owner_id, FileRow.name == name)
        size = session.scalar(select(func.sum(func.length(FileRow.content))).where(*self._is_it))
        if size is None:
            raise NotFoundError(f"{owner_id} has no file {name!r}; it may have been removed")
        self._size, self._at = int(size), 0
        self._number, self._piece = -1, b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read from."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a byte, counted from the beginning, from here or from the end; return where."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes: as many as are asked for, or as there are."""
        left = max(0, self._size - self._at)
        wanted = left if size is None or size < 0 else min(size, left)
        taken = []
        while wanted:
            number, start = divmod(self._at, PIECE)
            some = self._piece_of(number)[start : start + wanted]
            taken.append(some)
            self._at += len(some)
            wanted -= len(some)
        return b"".join(taken)

    def readall(self) -> bytes:
        """Return all bytes from here on."""
        return self.read()

    def _piece_of(self, number: int) -> bytes:
        if number != self._number:
            asked = select(FileRow.content).where(*self._is_it, FileRow.number == number)
            self._number, self._piece = number, self._session.scalars(asked).one()
        return self._piece
