"""Damaged Parquet files, and whole ones with types that do not fit."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.models.company import TABLES
from tests.models.malformed.case import FOLLOWS, Malformed, company, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


PARQUET_FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "magic only": lambda data: data[:4],
    "first half": lambda data: data[: len(data) // 2],
    "last half": lambda data: data[len(data) // 2 :],
    "without its last byte": lambda data: data[:-1],
    "footer of noise": lambda data: (
        data[: -8 - footer_size(data)] + noise(footer_size(data)) + data[-8:]
    ),
    "footer too long": lambda data: data[:-8] + b"\xff\xff\xff\x7f" + data[-4:],
    "text": lambda _: b"lead_id,rep_id\nL1,R1\n",
}


def footer_size(data: bytes) -> int:
    """Return the length of a Parquet file's metadata."""
    return int.from_bytes(data[-8:-4], "little")


def noise(size: int) -> bytes:
    """Return bytes that mean nothing."""
    return bytes(37 * at % 251 for at in range(size))


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as a Parquet file."""
    data = io.BytesIO()
    pq.write_table(table, data)
    return data.getvalue()


def broken_parquet() -> Iterator[Malformed]:
    """Yield damaged Parquet files, and whole ones with types that do not fit."""
    for name, rows in TABLES.items():
        good = parquet_bytes(pa.Table.from_pylist([dict(row) for row in rows]))
        for kind, damage in PARQUET_FAULTS.items():
            yield Malformed(
                f"Parquet, {kind}: {name}",
                {**without(name), f"{name}.parquet": damage(good)},
                frozenset({"unreadable_file"}),
                frozenset(FOLLOWS),
            )
        yield Malformed(
            f"Parquet beside CSV: {name}",
            {**company(**{name: rows}), f"{name}.parquet": good},
            frozenset({"two_sources"}),
            frozenset(FOLLOWS),
        )
    text = pa.Table.from_pylist([dict(row) for row in TABLES["leads"]])
    for kind, (column, cells, code) in TYPE_FAULTS.items():
        at = text.column_names.index(column)
        yield Malformed(
            f"Parquet, {kind}",
            {
                **without("leads"),
                "leads.parquet": parquet_bytes(text.set_column(at, column, cells)),
            },
            frozenset({code}),
            frozenset({"unused_column", "unknown_lead"}),
        )
    twice = pa.Table.from_arrays([text["lead_id"], text["lead_id"]], ["lead_id", "lead_id"])
    wide = pa.table({f"x{at}": [1] for at in range(1_001)})
    nothing = pa.table({})
    for kind, table, codes in (
        ("column twice", twice, {"duplicate_column"}),
        ("1,001 columns", wide, {"too_many_columns"}),
        ("no column", nothing, {"missing_column"}),
        ("no record", text.slice(0, 0), {"no_records"}),
    ):
        contents = {**without("leads"), "leads.parquet": parquet_bytes(table)}
        yield Malformed(f"Parquet, {kind}", contents, frozenset(codes), frozenset(FOLLOWS))


def invalid_utf8() -> pa.Array:
    """Return strings that are not UTF-8, as some writers let through."""
    ends = pa.py_buffer(np.array([0, 2, 4, 6], np.int32).tobytes())
    return pa.Array.from_buffers(pa.string(), 3, [None, ends, pa.py_buffer(b"\xff\xfe" * 3)])


FAR = 10**13
TYPE_FAULTS: dict[str, tuple[str, pa.Array, str]] = {
    "records for ids": ("lead_id", pa.array([{"id": 1}] * 3), "wrong_type"),
    "bytes for ids": ("lead_id", pa.array([b"L1", b"L2", b"L3"]), "wrong_type"),
    "lists for ids": ("lead_id", pa.array([["L1"], ["L2"], ["L3"]]), "wrong_type"),
    "floats for long ids": ("lead_id", pa.array([1e300, 1e301, 1e302]), "wrong_type"),
    "nothing for ids": ("lead_id", pa.nulls(3), "missing_id"),
    "strings that are not UTF-8": ("stage", invalid_utf8(), "wrong_type"),
    "lists for text": ("stage", pa.array([["a"], ["b"], ["c"]]), "wrong_type"),
    "records for lists": ("needs", pa.array([{"a": 1}] * 3), "wrong_type"),
    "parts with semicolons": ("needs", pa.array([["a;b"], ["c"], ["d"]]), "wrong_type"),
    "lists of records": ("needs", pa.array([[{"a": 1}], [], []]), "wrong_type"),
    "NaN": ("amount", pa.array([1.0, float("nan"), None]), "not_finite"),
    "infinity": ("amount", pa.array([1.0, float("inf"), None]), "not_finite"),
    "negative": ("amount", pa.array([1, -2, None]), "out_of_range"),
    "durations": ("amount", pa.array([1, 2, 3], pa.duration("s")), "wrong_type"),
    "times of the day": ("created", pa.array([1, 2, 3], pa.time32("s")), "wrong_type"),
    "times far away": ("created", pa.array([FAR, 0, 0], pa.timestamp("s")), "not_a_time"),
    "zoned times far away": (
        "created",
        pa.array([FAR, 0, 0], pa.timestamp("s", "UTC")),
        "not_a_time",
    ),
    "times of year 1": ("created", pa.array([-62135596800, 0, 0], pa.timestamp("s")), "not_a_time"),
    "dates of year 0": ("created", pa.array([-719528, 0, 0], pa.date32()), "not_a_time"),
    "dates far away": ("created", pa.array([2**30, 0, 0], pa.date32()), "not_a_time"),
    "numbers for times": ("created", pa.array([1514678400] * 3), "not_a_time"),
    "times after as_of": (
        "last_activity",
        pa.array([4 * 10**9, 0, 0], pa.timestamp("s", "UTC")),
        "date_after_as_of",
    ),
    "two as a flag": ("open_task", pa.array([0, 1, 2]), "not_a_flag"),
    "half a level": ("open_task", pa.array([0.5, 1.0, 0.0]), "not_a_flag"),
}
