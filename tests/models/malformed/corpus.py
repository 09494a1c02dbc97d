"""A kept corpus of malformed companies: each kind of fault in many places, always the same.

Every case names the codes that must be reported, and no others. Cases that end in a warning or a
remark are here too: a reader must neither choke on them nor pass over them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.models.malformed.csv_files import broken_files
from tests.models.malformed.headers import broken_headers
from tests.models.malformed.parquet_files import broken_parquet
from tests.models.malformed.stand_ins import in_place_of_files
from tests.models.malformed.values import broken_references, broken_values

if TYPE_CHECKING:
    from tests.models.malformed.case import Malformed


def corpus() -> list[Malformed]:
    """Return every case."""
    return [
        *broken_files(),
        *broken_parquet(),
        *in_place_of_files(),
        *broken_values(),
        *broken_references(),
        *broken_headers(),
    ]
