"""The table of files."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from api.store.columns import ID_LENGTH, NAME_LENGTH, Table


class FileRow(Table):
    """A piece of a file that belongs to a snapshot, a plan or a publication.

    Files stand in the database so that they appear in the transaction of what they belong to, and
    so that workers on other machines and backups need nothing else.

    Attributes
    ----------
    owner_id : of what it belongs to; name : the file's
    number : 0, 1, 2 ... of its pieces; content : at most `api.store.files.PIECE` bytes
    """

    __tablename__ = "files"

    owner_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
