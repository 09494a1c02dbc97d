"""Nothing is lost or changed in silence: what went in comes out, or an issue names it."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.files.csv_reader import read_csv
from models.files.snapshot_files import read_snapshot
from models.issues import IssueLog
from models.raw_table import RawTable
from models.snapshot import Snapshot, SnapshotHeader
from models.validation.tables import read_table_cells
from models.validation.validate import snapshot_from_frames
from tests.models.company import HEADER, TABLES, csv_text

if TYPE_CHECKING:
    from pathlib import Path

AS_OF = datetime(2026, 11, 21, tzinfo=UTC)
HEAD = SnapshotHeader(as_of=AS_OF, timezone="America/New_York", currency="USD")
HEAD_ZONE = ZoneInfo(HEAD.timezone)

# Everything a file can hold but NUL, which no reader lets pass.
anything = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
tricky = st.sampled_from(
    [
        '"',
        '""',
        ",",
        ";",
        "\n",
        "\r\n",
        "\r",
        " ",
        " a ",
        "\ufeff",
        "\u2028",
        "=1+1",
        "\u00e9",
        "e\u0301",
        "\U0001d518",
    ]
)
cells = anything | tricky | st.lists(anything | tricky, max_size=4).map("".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all examples of a property write into, one after the other."""
    return tmp_path_factory.mktemp("tables")


@settings(max_examples=150)
@given(
    rows=st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[cells] * width), min_size=1)),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    has_last_line_end=st.booleans(),
    quote_all=st.booleans(),
)
def test_every_csv_cell_comes_back(
    folder: Path,
    rows: list[tuple[str, ...]],
    line_end: str,
    has_last_line_end: bool,
    quote_all: bool,
) -> None:
    path = folder / "any.csv"
    names = [f"column_{at}" for at in range(len(rows[0]))]
    with path.open("w", newline="", encoding="utf-8") as file:
        # Python's own writer leaves a CR without quotes where lines end in LF.
        has_line_end = any({"\r", "\n"} & set(cell) for row in rows for cell in row)
        quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all or has_line_end else csv.QUOTE_MINIMAL
        csv.writer(file, lineterminator=line_end, quoting=quoting).writerows([names, *rows])
    if not has_last_line_end:
        path.write_bytes(path.read_bytes().removesuffix(line_end.encode()))
    issues = IssueLog()
    table = read_csv(path, "any", issues)
    assert not list(issues)
    assert table is not None
    assert [tuple(row) for row in table.frame.itertuples(index=False)] == rows
    assert table.lines is not None
    assert sorted(set(table.lines)) == list(table.lines)


numbers = (
    st.floats().map(repr) | st.integers().map(str) | st.sampled_from(["1,5", "5%", "1e3", "+.5"])
)
times = (
    st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1)).map(str)  # noqa: DTZ001
    | st.datetimes(timezones=st.just(UTC)).map(lambda time: time.isoformat())
    | st.dates().map(str)
    | st.sampled_from(["31/12/2017", "2026-11-01 01:30", "0000-01-01", "2026-02-30", "now"])
)
records = st.fixed_dictionaries(
    {
        "region": cells,
        "stage": cells,
        "needs": cells,
        "family": cells,
        "note": cells,
        "amount": numbers | cells,
        "open_task": st.sampled_from(["0", "1", "true", "FALSE", "yes", "2", ""]) | cells,
        "created": times | cells,
    }
)


@settings(max_examples=60)
@given(st.lists(records, min_size=1, max_size=6))
def test_every_cell_is_kept_or_named(rows: list[dict[str, str]]) -> None:
    frame = pd.DataFrame(rows, dtype="str").assign(lead_id=[f"L{at}" for at in range(len(rows))])
    issues = IssueLog()
    read = read_table_cells(RawTable.from_frame("leads", frame), HEAD, ["note"], issues)
    assert read is not None
    named = {(issue.record, issue.column) for issue in issues}
    for at, row in enumerate(rows):
        for column, cell in row.items():
            got = read.frame[column].iat[at]
            assert says_the_same(cell, got, column) or (f"L{at}", column) in named, (column, cell)


def says_the_same(cell: str, got: Any, column: str) -> bool:
    """Return whether a typed cell says what the text said, read in Python's own way."""
    if pd.isna(got):
        return cell == ""
    if column == "amount":
        return bool(float(cell) == got)
    if column == "open_task":
        return bool({"0": 0, "1": 1, "true": 1, "false": 0}[cell.lower()] == got)
    if column == "created":
        read = datetime.fromisoformat(cell)
        return bool(got == (read if read.tzinfo else read.replace(tzinfo=HEAD_ZONE)))
    return bool(cell == got)


identifiers = st.integers(0, 10**18)
money = st.decimals(0, 10**6, places=2)
moments = st.integers(0, 2_000_000).map(lambda minutes: AS_OF - timedelta(minutes=minutes))
words = st.text("abcdefgh é", min_size=1, max_size=6).map(str.strip)
typed_records = st.lists(
    st.fixed_dictionaries(
        {
            "lead_id": identifiers,
            "amount": st.none() | money,
            "effort_hours": st.none() | st.floats(0, 100),
            "open_task": st.none() | st.booleans(),
            "created": st.none() | moments,
            "owned_since": st.none() | st.dates(date(2020, 1, 1), date(2026, 11, 1)),
            "needs": st.none() | st.lists(words.filter(bool), min_size=1, max_size=3),
            "stage": st.none() | words,
            "owner": st.none() | st.sampled_from([7, 9]),
        }
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda record: str(record["lead_id"]),
)
REPS = pd.DataFrame({"rep_id": [7, 9], "regions": ["US", "*"], "level": [1, 2]})


def as_csv(value: Any) -> str:
    """Return a typed value as a careful exporter would write it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, bool):
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


ARROW_TYPES = {
    "lead_id": pa.int64(),
    "amount": pa.decimal128(12, 2),
    "effort_hours": pa.float64(),
    "open_task": pa.bool_(),
    "created": pa.timestamp("ms", "UTC"),
    "owned_since": pa.date32(),
    "needs": pa.list_(pa.string()),
    "stage": pa.dictionary(pa.int32(), pa.string()),
    "owner": pa.int32(),
}


@settings(max_examples=25)
@given(typed_records, st.randoms(use_true_random=False))
def test_csv_parquet_and_data_frames_give_the_same_snapshot(
    folder: Path, rows: list[dict[str, Any]], random: Any
) -> None:
    (folder / "snapshot.yaml").write_text(HEADER)
    REPS.to_csv(folder / "reps.csv", index=False)
    text, binary = folder / "leads.csv", folder / "leads.parquet"
    binary.unlink(missing_ok=True)
    text.write_text(csv_text([{name: as_csv(cell) for name, cell in row.items()} for row in rows]))
    from_csv = read_snapshot(folder)
    shuffled = random.sample(rows, len(rows))
    columns = {
        name: pa.array([row[name] for row in shuffled], kind) for name, kind in ARROW_TYPES.items()
    }
    text.unlink()
    pq.write_table(pa.table(columns), binary)
    from_parquet = read_snapshot(folder)
    objects = pd.DataFrame(shuffled).astype({"owner": "float64"})
    arrow = pd.DataFrame(
        {name: pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([array])))
         for name, array in columns.items()}
    )  # fmt: skip
    assert from_csv.num_leads == len(rows)
    assert from_csv.content_hash == from_parquet.content_hash
    for frame in (objects, arrow):
        from_frame = snapshot_from_frames({"leads": frame, "reps": REPS}, HEAD)
        assert from_csv.content_hash == from_frame.content_hash


def company(shuffled: int | None = None) -> Snapshot:
    """Return the snapshot of the small company, its rows in another order."""
    frames = {name: pd.DataFrame(rows, dtype="str") for name, rows in TABLES.items()}
    # Records that agree in what they are sorted by must not keep their order either.
    frames["absences"] = pd.concat(
        [frames["absences"], frames["absences"].assign(kind="training")], ignore_index=True
    )
    frames["leads"] = pd.concat(
        [frames["leads"], frames["leads"].assign(lead_id=["L6", "L5", "L4"])], ignore_index=True
    )
    if shuffled is not None:
        frames = {
            name: frame.sample(frac=1, random_state=shuffled) for name, frame in frames.items()
        }
    return snapshot_from_frames(frames, HEAD)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_records_changes_nothing(seed: int) -> None:
    plain, shuffled = company(), company(shuffled=seed)
    assert plain.content_hash == shuffled.content_hash
    assert plain.duplicates.tolist() == shuffled.duplicates.tolist() == [0, 1, 2, 2, 1, 0]
    for name in plain.tables:
        pd.testing.assert_frame_equal(plain.tables[name], shuffled.tables[name])


def test_another_fact_is_another_hash() -> None:
    plain = company()
    hashes = {plain.content_hash}
    for change in (
        {"as_of": AS_OF + timedelta(microseconds=1)},
        {"timezone": "Europe/Berlin"},
        {"currency": "EUR"},
    ):
        header = plain.header.model_copy(update=change)
        hashes.add(Snapshot(header, plain.tables, plain.issues, plain.duplicates).content_hash)
    for name, frame in plain.tables.items():
        for column in frame.columns:
            other = frame.copy()
            other.loc[0, column] = another_value(frame[column])
            tables = {**plain.tables, name: other}
            changed = Snapshot(plain.header, tables, plain.issues, plain.duplicates)
            hashes.add(changed.content_hash)
    assert len(hashes) == 4 + sum(len(frame.columns) for frame in plain.tables.values())


def another_value(column: pd.Series) -> Any:
    """Return what the first cell of a column does not hold: nothing, or else something."""
    if column.notna().iat[0]:
        return None
    return {"f": 1.0, "M": pd.Timestamp(AS_OF)}.get(column.dtype.kind, "?")


def test_a_snapshot_cannot_be_changed_from_outside() -> None:
    leads = pd.DataFrame(TABLES["leads"]).assign(amount=[1.0, 2.0, 3.0])
    snapshot = snapshot_from_frames({"leads": leads, "reps": pd.DataFrame(TABLES["reps"])}, HEAD)
    before = snapshot.leads.copy(deep=True)
    leads["amount"] = 0.0
    handed_out, again = snapshot.leads, snapshot.tables["leads"]
    handed_out.loc[:, "amount"] = 0.0
    del again["stage"]
    column = snapshot.leads["amount"]
    column.iloc[0] = 0.0
    for array in (
        snapshot.leads["amount"].to_numpy(),
        snapshot.duplicates,
        snapshot.owner_index,
    ):
        assert not array.flags.writeable
    pd.testing.assert_frame_equal(snapshot.leads, before)
    assert snapshot.leads["amount"].tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(TypeError):
        snapshot.tables["leads"] = before  # type: ignore[index]
    with pytest.raises(AttributeError):
        snapshot.tables = {}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([12.0, None], ["12", None]),
        (pd.array([2**53 + 1, None], dtype="Int64"), [str(2**53 + 1), None]),
        ([True, False], ["True", "False"]),
        ([Decimal("1.50"), 3], ["1.50", "3"]),
        ([date(2026, 1, 2), "x"], ["2026-01-02", "x"]),
        (pd.Categorical(["a", None]), ["a", None]),
        ([np.float32(0.5), np.int8(3)], ["0.5", "3"]),
    ],
)
def test_typed_text_keeps_its_digits(cells: Any, expected: list[str | None]) -> None:
    frame = pd.DataFrame({"lead_id": ["L1", "L2"], "note": cells})
    read = read_table_cells(RawTable.from_frame("leads", frame), HEAD, ["note"], IssueLog())
    assert read is not None
    assert read.frame["note"].astype("object").where(read.frame["note"].notna(), None).tolist() == (
        expected
    )


@pytest.mark.parametrize(
    "cell", [{"a": 1}, b"bytes", 2.0**60, ["a"], complex(1, 2), timedelta(1), "half \ud800"]
)
def test_what_has_no_text_is_refused(cell: object) -> None:
    frame = pd.DataFrame({"lead_id": ["L1"], "stage": pd.Series([cell], dtype="object")})
    issues = IssueLog()
    read_table_cells(RawTable.from_frame("leads", frame), HEAD, (), issues)
    assert [issue.code for issue in issues] == ["wrong_type"]


def test_the_labels_of_rows_do_not_matter() -> None:
    cells = {"lead_id": ["L1", "L2"], "stage": ["a", "b"], "amount": [1.5, 2.5]}
    cells["created"] = [pd.Timestamp("2026-01-01 10:00"), pd.Timestamp("2026-01-02 10:00")]
    frame = pd.DataFrame(cells, index=[7, 3])
    read = read_table_cells(RawTable("leads", "a table", frame), HEAD, (), IssueLog())
    assert read is not None
    kept = read.frame[["lead_id", "stage", "amount"]].to_numpy().tolist()
    assert kept == [["L1", "a", 1.5], ["L2", "b", 2.5]]
    assert read.frame["created"].dt.day.tolist() == [1, 2]
