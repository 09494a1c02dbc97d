"""Reads the corpus, mutated files and generated ones in one process, and measures its memory.

python -m tests.models.malformed.fuzz SEED MUTATED GENERATED

A case depends on nothing but the seed and its number; the error of a failed one names both.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pyarrow as pa

from models.columns import TABLES as COLUMNS
from tests.models.company import HEADER, TABLES, csv_text, write
from tests.models.malformed.case import REQUIRED, company
from tests.models.malformed.checks import issues_of_reading
from tests.models.malformed.corpus import corpus
from tests.models.malformed.csv_files import as_spreadsheet
from tests.models.malformed.headers import HEADERS
from tests.models.malformed.parquet_files import parquet_bytes
from tests.models.malformed.values import CELLS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.random import Generator

Item = TypeVar("Item")

TOKENS = (
    b'"', b'""', b",", b";", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3", b" ",
    b"1e400", b"NaN", b"-", b"*", b"/", b"//", b"L1", b"R1", b"2026-02-30", b"=1+1",
    b"x" * 200_000, b"'", b":", b"- ", b"\t", b"&a ", b"*a", b"!!", b"{", b"[", b"%", b"#",
    b"\xe2\x80\xae", b"\x1a",
)  # fmt: skip
MEGABYTE = 1 << 20
FEW = 1_000
"""A campaign of so few files leaves the corpus, of which each case has a test, out."""


def mutated(data: bytes, random: Generator) -> bytes:
    """Return data after one to four small changes."""
    for _ in range(random.integers(1, 5)):
        at, end = np.sort(random.integers(0, len(data) + 1, 2))
        near = min(at + int(random.integers(1, 9)), len(data))
        change = random.integers(0, 7)
        if change == 0:
            data = data[:at] + TOKENS[random.integers(len(TOKENS))] + data[at:]
        elif change == 1:
            data = data[:at] + random.bytes(near - at) + data[near:]
        elif change == 2:
            data = data[:at] + data[near:]
        elif change == 3:
            data = data[:end] + data[at:]
        elif change == 4:
            data = data[:at]
        elif change == 5:
            data = data[:at] + data[at:near].swapcase() + data[near:]
        else:
            token, other = (TOKENS[number] for number in random.integers(0, 14, 2))
            data = data.replace(token, other, int(random.integers(1, 4)))
    return data


def a_mutated_company(random: Generator) -> dict[str, bytes]:
    """Return a company of which one file was changed a little."""
    name = str(random.choice([*TABLES, "snapshot"], p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.2]))
    if name == "snapshot":
        return {**company(), "snapshot.yaml": mutated(HEADER.encode(), random)}
    contents = company(**{name: TABLES[name]})
    if random.random() < 0.25:
        del contents[f"{name}.csv"]
        whole = parquet_bytes(pa.Table.from_pylist([dict(row) for row in TABLES[name]]))
        return {**contents, f"{name}.parquet": mutated(whole, random)}
    return {**contents, f"{name}.csv": mutated(contents[f"{name}.csv"], random)}


def a_generated_company(random: Generator) -> dict[str, bytes]:
    """Return a company whose tables, or whose header, follow a grammar of good and bad parts."""
    contents = company(**{name: generated_table(name, random) for name in TABLES})
    if random.random() < 0.2:
        contents["snapshot.yaml"] = generated_header(random).encode("utf-8", "surrogatepass")
    if random.random() < 0.05:
        contents["leads.csv"] = as_spreadsheet("x")
    return contents


def generated_table(name: str, random: Generator) -> str:
    """Return a table of random columns and records, most of them good."""
    columns = [column.name for column in COLUMNS[name] if column.required or random.random() < 0.5]
    if random.random() < 0.1:
        columns.append(pick(["", "note", columns[0].upper(), "E-mail", columns[0]], random))
    badness = pick([0, 0, 0, 0.02, 0.3], random)
    count = pick([0, 3, 3, 12, 12], random) if name in REQUIRED else int(random.integers(0, 2))
    rows = [
        {column: generated_cell(name, column, good, badness, random) for column in columns}
        for good in (pick(TABLES[name], random) for _ in range(count))
    ]
    for number, row in enumerate(rows):
        if name in REQUIRED and random.random() >= badness:
            row[columns[0]] = f"{columns[0][0].upper()}{number + 1}"
    line_end = pick(["\n", "\r\n"], random)
    text = csv_text(rows, line_end) if rows else ",".join(columns) + line_end
    if random.random() < 0.05:
        text = text.replace("\n", pick(["\r", "\n\n", ";"], random), 2)
    return text


def generated_cell(
    table: str, column: str, good: Mapping[str, str], badness: float, random: Generator
) -> str:
    """Return a cell: a good record's own, a bad one, or nothing."""
    if random.random() < badness:
        faults = [cells for places, cells in CELLS.items() if f"{table}.{column}" in places]
        bad = [value for fault in faults for values in fault.values() for value in values]
        return pick([*bad, "", " ", '"', "\n", "x" * 300, "'=1+1"], random)
    return good.get(column, "")


def generated_header(random: Generator) -> str:
    """Return the lines of a header, some of them wrong, missing or twice."""
    lines = [line for line in HEADER.splitlines() if random.random() < 0.9]
    bad = [text for texts in HEADERS.values() for text in texts if len(text) < 10_000]
    lines += [pick(bad, random) for _ in range(random.integers(0, 3))]
    return "\n".join(random.permutation(np.array(lines, dtype=object)))


def pick(items: Sequence[Item], random: Generator) -> Item:
    """Return one of the items."""
    return items[int(random.integers(len(items)))]


def campaign(seed: int, num_mutated: int, num_generated: int) -> dict[str, float]:
    """Return how many files were accepted and refused, and the highest memory use."""
    counts = {"accepted": 0, "refused": 0}
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(corpus() if num_mutated > FEW else ()):
            issues_of_reading(case.write(Path(folder, f"corpus-{number}")))
        makers: tuple[tuple[Callable[[Generator], dict[str, bytes]], int], ...] = (
            (a_mutated_company, num_mutated),
            (a_generated_company, num_generated),
        )
        for kind, (make, total) in enumerate(makers):
            for number in range(total):
                contents = make(np.random.default_rng([seed, kind, number]))
                counts[outcome(contents, Path(folder, "case"), f"{seed}, {kind}, {number}")] += 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        **counts,
        "seed": seed,
        "corpus": len(corpus()),
        "mutated": num_mutated,
        "generated": num_generated,
        "peak_mb": peak / (MEGABYTE if sys.platform == "darwin" else 1024),
    }


def outcome(contents: dict[str, bytes], directory: Path, number: str) -> str:
    """Return whether a company was accepted or refused; a failure says which."""
    shutil.rmtree(directory, ignore_errors=True)
    try:
        issues = issues_of_reading(write(directory, contents))
    except Exception as error:
        error.add_note(f"case {number}: {contents}")
        raise
    return "refused" if issues.errors() else "accepted"


if __name__ == "__main__":
    json.dump(campaign(*map(int, sys.argv[1:])), sys.stdout)
