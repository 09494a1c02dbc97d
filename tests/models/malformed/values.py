"""Wrong values in their columns, and records that are wrong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.models.company import TABLES, with_cell, with_row
from tests.models.malformed.case import FOLLOWS, Malformed, company

if TYPE_CHECKING:
    from collections.abc import Iterator


NUMBERS = {
    "not_a_number": ("1,200.50", "1.200,50", "12%", "USD 1200", "1200 EUR", "12k", "abc", "1e",
                     "--1", "0x10", "1_000", "(12)", "#N/A", "n/a", "-", "1 200", "٣", "1/2"),
    "not_finite": ("NaN", "-nan", "inf", "-Infinity", "1e400", "-1e999", "9" * 400),
}  # fmt: skip
TIMES = {
    "not_a_time": ("0000-01-01", "0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31",
    "10000-01-01",
                   "-2026-01-01", "2026-13-01", "2026-02-30", "2026-00-10", "31/12/2017",
                   "12/31/17",
                   "2026/01/02", "20260102", "2026-1-2", "02.01.2026", "43100", "1514678400",
                   "1514678400000", "2026-01-02T25:00", "2026-01-02T10:00:61", "2026-01-02T10",
                   "2026-01-02T10:00+99:99", "2026-01-02T10:00 CET", "10:30", "tomorrow", "n/a",
                   "Jan 2, 2026", "2026-W01-1", "2026-01-02TT10:00",
                   "\uff12\uff10\uff12\uff16-01-02"),
    "unclear_time": ("2026-03-08 02:30", "2025-11-02T01:30:00"),
}  # fmt: skip
CELLS: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {
    ("leads.amount", "reps.quota"): {**NUMBERS, "out_of_range": ("-1", "-0.01")},
    ("leads.win_probability",): {"out_of_range": ("1.01", "40", "-0.1"), "not_a_number": ("40%",)},
    ("leads.latitude", "reps.longitude"): {"out_of_range": ("-181", "999"),
    "not_a_number": ("37°",)},
    ("reps.level",): {"not_an_integer": ("2.5", "1e-1"), "out_of_range": ("-1",)},
    ("reps.capacity_hours",): {"out_of_range": ("169", "-1"), "capacity_zero": ("0", "0.0")},
    ("leads.created", "reps.hired"): TIMES,
    ("leads.last_activity", "history.closed_on"): {
        "date_after_as_of": ("2026-11-22", "2026-11-21T00:00:01Z", "2200-01-01")
    },
    ("leads.open_task", "reps.active", "history.won"): {"not_a_flag": ("yes", "2", "-1", "wahr")},
    ("leads.region",): {
        "bad_path": ("/US", "US/", "US//CA", "/", "*", "US/*"),
        "uncovered_region": ("FR", "us/west/ca", "US/West Coast"),
        "control_character": ("US/West/CA\n2", "US/West/\u200bCA"),
    },
    ("reps.regions",): {"bad_path": ("US/West//CA", ";", "US/*", "/"), "rep_without_region": ("",),
                        "undivided_list": ("US/West,US/East", "US/West|MX")},
    ("leads.needs", "reps.skills"): {"undivided_list": ("audit,cloud", '["audit", "cloud"]')},
    ("reps.timezone",): {"bad_time_zone": ("EST5", "CET+1", "UTC+1", "Berlin", "europe/berlin")},
    ("reps.working_hours",): {"bad_working_hours": ("9-17", "Mon-Fri", "Mon 22:00-06:00",
                              "Mo-Fr 09:00-17:00", "Mon-Fri 9am-5pm", "Mon 09:60-10:00", ";")},
    ("leads.lead_id",): {"bad_id": ("x" * 256, "a/why-not/b")},
    ("reps.rep_id",): {"bad_id": (".", "..", "a/leads/b", "/why-not/")},
    ("leads.lead_id", "reps.rep_id"): {"control_character": ("L1\x07", "\ufeffL1", "L\u202e1")},
    ("leads.stage", "leads.email", "reps.name"): {
        "control_character": ("ab\x1b[31m", "\x7f", "a\u2066b"),
        "padded_value": (" a", "a\u00a0", " ", "\ta\r\n"),
    },
    ("pins.kind",): {"unknown_choice": ("Fixed", "pinned", "fixed;forbidden")},
    ("absences.kind",): {"unknown_choice": ("Departure", "DEPARTURE")},
    ("absences.ends",): {"ends_before_start": ("2026-11-30", "2026-12-01T04:59:59Z")},
    ("pins.expires",): {"expired_pin": ("2026-11-20", "2026-11-21T00:00:00Z")},
    ("leads.currency",): {"currency_mixed": ("EUR", "usd", "US Dollar", "$")},
    ("leads.owner", "absences.rep_id", "pins.rep_id", "history.rep_id"): {
        "unknown_rep": ("r1", "R9", "R1;R2", "Rita Ray")
    },
    ("pins.lead_id",): {"unknown_lead": ("l1", "L99")},
    ("history.closed_on", "absences.starts", "pins.kind", "history.won"): {"missing_value": ("",)},
    ("history.lead_id", "absences.rep_id", "leads.lead_id"): {"missing_id": ("",)},
    ("pins.rep_id",): {"pin_target": ("",)},
}  # fmt: skip
CAUSED = frozenset(
    {*FOLLOWS, "missing_value", "missing_id", "uncovered_region", "owned_since_without_owner",
     "undivided_list", "possible_duplicate", "capacity_zero", "conflicting_pins"}
)  # fmt: skip
"""What one wrong cell can bring about elsewhere."""


def broken_values() -> Iterator[Malformed]:
    """Yield each wrong value in each of its columns."""
    for places, faults in CELLS.items():
        for place in places:
            table, column = place.split(".")
            for code, values in faults.items():
                for value in values:
                    yield Malformed(
                        f"{place} {value[:30]!r}",
                        company(**with_cell(table, column, value)),
                        frozenset({code}),
                        CAUSED,
                    )


def broken_references() -> Iterator[Malformed]:
    """Yield records that are wrong together."""
    for table, key in (("leads", "lead_id"), ("reps", "rep_id")):
        for count in (2, 3, 150):
            rows = [dict(row) for row in TABLES[table]] + [dict(TABLES[table][0])] * (count - 1)
            yield Malformed(
                f"the same {key} {count} times",
                company(**{table: rows}),
                frozenset({"duplicate_id"}),
                frozenset({"exact_duplicate"}),
            )
    many = [{**row, "lead_id": f"L{at}", "amount": "abc"} for at in range(5_000)
            for row in TABLES["leads"][:1]]  # fmt: skip
    yield Malformed(
        "5,000 wrong cells",
        company(leads=many),
        frozenset({"not_a_number"}),
        frozenset({"exact_duplicate", "rep_without_leads", "conflicting_pins"}),
    )
    for kind, pin in {
        "two fixed reps": {"lead_id": "L1", "rep_id": "R2", "kind": "fixed"},
        "fixed and forbidden": {"lead_id": "L1", "rep_id": "R1", "kind": "forbidden"},
    }.items():
        yield Malformed(
            kind, company(**with_row("pins", **pin)), frozenset({"conflicting_pins"}), frozenset()
        )
