"""How much memory SQLite's connections take for pages of the file, and what a read takes.

`python -m tests.benchmarks.page_caches --kib 2000`, and again with what the service sets
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

import psutil
from sqlalchemy import text

from api.store import dialect
from api.store.database import Database

ROWS, BYTES = 40_000, 1_500
FILL = """
WITH RECURSIVE ids(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < :rows)
INSERT INTO pages SELECT id, randomblob(:bytes) FROM ids
"""
READS = 1_500
"""Of each connection."""


def main() -> None:
    """Measure, and print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kib", type=int, default=dialect.CACHE_KIB)
    parser.add_argument("--connections", type=int, default=40)
    chosen = parser.parse_args()
    dialect.CACHE_KIB = chosen.kib
    with tempfile.TemporaryDirectory() as directory:
        database = Database(f"sqlite:///{directory}/fairlead.db")
        with database.writing() as session:
            session.execute(text("CREATE TABLE pages (id INTEGER PRIMARY KEY, content BLOB)"))
            # By SQLite itself: what Python would free again would hide what is taken later.
            session.execute(text(FILL), {"rows": ROWS, "bytes": BYTES})
        megabytes = Path(directory, "fairlead.db").stat().st_size / 1e6
        grown, each = read_at_random(database, chosen.connections)
        database.close()
    told = {"file_mb": round(megabytes), "grown_mb": round(grown), "read_us": round(1e6 * each, 1)}
    sys.stdout.write(json.dumps({**vars(chosen), **told}) + "\n")


def read_at_random(database: Database, connections: int) -> tuple[float, float]:
    """Return the megabytes that reading takes, and the processor's seconds of each read."""
    chance = random.Random(0)  # noqa: S311
    reading, _ = database.engines()
    ask = text("SELECT content FROM pages WHERE id = :id")
    opened = [reading.connect() for _ in range(connections)]
    for connection in opened:
        connection.execute(ask, {"id": 1}).all()
    before, began = psutil.Process().memory_info().rss, time.process_time()
    for connection in opened:
        for _ in range(READS):
            connection.execute(ask, {"id": chance.randint(1, ROWS)}).all()
    took = time.process_time() - began
    grown = psutil.Process().memory_info().rss - before
    for connection in opened:
        connection.close()
    return grown / 1e6, took / (connections * READS)


if __name__ == "__main__":
    main()
