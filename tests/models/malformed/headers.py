"""Bad snapshot.yaml files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.models.company import HEADER
from tests.models.malformed.case import Malformed, company
from tests.models.malformed.csv_files import as_spreadsheet

if TYPE_CHECKING:
    from collections.abc import Iterator


HEADERS: dict[str, tuple[str, ...]] = {
    "malformed YAML": (
        "a: [", "a: }", "a: 'b", 'a: "b', "\ta: 1", "a:\n\t- b", "a: b: c", "- a\nb: c",
        "a: 1\n---\nb: 2",
        "a: &x 1\nb: *x", "&a [*a]", "a: &b [*b]", "a: !!python/object:os.system x",
        "!!binary aGk=",
        "a: !!set {b}", "? [a]\n: b", "a: 1\na: 2", "%YAML 9.9\n---\na: 1", "a: \x07", "a: \x00",
        "@a: b",
        "`a", "[" * 5_000, "{" * 5_000, "- " * 5_000, "a: " * 5_000, "a: 1e999", "a: \ud7ff\ufffe",
        "\n".join(" " * depth + "a:" for depth in range(60)), "#" * 600_000, "a: |\n x\ny",
        "<<: *a",
    ),
    "not what it should be": ("", "null", "[]", "text", "1", "[schema, as_of]", "--- ",
    "# nothing"),
    "schema": ("schema: 2", "schema: '1'", "schema: 1.5", "schema: true", "schema: [1]"),
    "as_of": (
        "as_of: 2026-11-21", "as_of: 2026-11-21T00:00:00", "as_of: 20261121", "as_of: 1514678400",
        "as_of: '1514678400'", "as_of: 0000-01-01T00:00:00Z", "as_of: 9999-12-31T23:59:59-23:59",
        "as_of: 2026-02-30T00:00:00Z", "as_of: yesterday", "as_of: null", "as_of: []",
        "as_of: 2026-11-21T00:00:00+99:00", "as_of: 99999999999999999999", "as_of: {year: 2026}",
    ),
    "timezone": ("timezone: EST5", "timezone: null", "timezone: 1", "timezone: ../../etc/passwd"),
    "currency": ("currency: usd", "currency: US", "currency: 840", "currency: $",
    "currency: 'USD '"),
    "keep": ("keep: leads", "keep: [leads]", "keep: {lead: [a]}", "keep: {leads: a}",
             "keep: {leads: [1]}"),
    "unknown key": ("as_off: 1", "Currency: USD", "time_zone: UTC", "1: 2", "null: 1", "'': 1"),
}  # fmt: skip


def broken_headers() -> Iterator[Malformed]:
    """Yield every bad snapshot.yaml."""
    for kind, texts in HEADERS.items():
        for text in texts:
            whole = text
            if kind not in ("malformed YAML", "not what it should be"):
                key = text.split(":")[0]
                kept = (line for line in HEADER.splitlines() if not line.startswith(f"{key}:"))
                whole = "\n".join([*kept, text])
            yield Malformed(
                f"snapshot.yaml, {kind}: {text[:40]!r}",
                {**company(), "snapshot.yaml": whole.encode("utf-8", "surrogatepass")},
                frozenset({"bad_snapshot_file"}),
            )
    for name, data in (
        ("UTF-16", HEADER.encode("utf-16")),
        ("Latin-1", HEADER.encode() + "# Köln".encode("latin-1")),
        ("a ZIP archive", as_spreadsheet(HEADER)),
        ("bytes of all kinds", bytes(range(256))),
        ("NUL bytes", bytes(1_000)),
    ):
        contents = {**company(), "snapshot.yaml": data}
        yield Malformed(f"snapshot.yaml, {name}", contents, frozenset({"bad_snapshot_file"}))
    for key in ("as_of", "currency"):
        lines = (line for line in HEADER.splitlines() if not line.startswith(key))
        yield Malformed(
            f"snapshot.yaml without {key}",
            company("\n".join(lines)),
            frozenset({"bad_snapshot_file"}),
        )
    contents = company(HEADER + "keep: {leads: [segment]}\n")
    yield Malformed("a column to keep is missing", contents, frozenset({"missing_column"}))
