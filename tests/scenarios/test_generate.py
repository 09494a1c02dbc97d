"""Synthetic companies: sound tables, enough choice, hours that bind, and the same bytes again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from models.columns import column_names
from scenarios import generate as generate_module
from scenarios.generate import (
    Company,
    CompanySpec,
    generate,
    lead_chunks,
    policy_text,
    write_company,
)

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("leads", "reps", "history", "absences", "pins")
WEEK = [f"2026-11-{day}" for day in range(23, 30)]
"""The plan's week under the default as_of, Friday 2026-11-20."""
LEAST_LEVEL = {"A": 3, "B": 2, "C": 0}

specs = st.builds(
    CompanySpec,
    num_leads=st.integers(10, 300),
    num_reps=st.integers(2, 20),
    seed=st.integers(0, 10_000),
)


def records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a table, each with its cells as attributes."""
    return list(frame.itertuples())


def items(cell: object) -> list[str]:
    """Return the parts of a list cell."""
    return cell.split(";") if isinstance(cell, str) else []


def covers(regions: object, region: str) -> bool:
    return any(f"{region}/".startswith(f"{own}/") for own in items(regions))


def hours_of_day(working_hours: str) -> list[int]:
    """Return the hours of each weekday, Monday first."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    hours = [0] * 7
    for shift in working_hours.split(";"):
        days, times = shift.split(" ")
        first, last = (days.split("-") * 2)[:2]
        starts, ends = (int(time.removesuffix(":00")) for time in times.split("-"))
        for day in range(names.index(first), names.index(last) + 1):
            hours[day] += ends - starts
    return hours


def present_shares(company: Company) -> dict[str, float]:
    """Return the share of the plan's week that each rep works."""
    away = {
        (absence.rep_id, day)
        for absence in records(company.absences)
        for day in WEEK
        if absence.starts <= day <= absence.ends
    }
    shares = {}
    for rep in records(company.reps):
        hours = hours_of_day(rep.working_hours)
        worked = sum(h for h, day in zip(hours, WEEK, strict=True) if (rep.rep_id, day) not in away)
        shares[rep.rep_id] = worked / sum(hours)
    return shares


def eligible_reps(company: Company) -> list[frozenset[str]]:
    """Return who may get each lead under the generated policy, told plainly rule by rule."""
    present = present_shares(company)
    reps = [rep for rep in records(company.reps) if rep.active and present[rep.rep_id] >= 0.5]
    known: dict[tuple[Any, ...], frozenset[str]] = {}
    rows = []
    for lead in records(company.leads):
        key = (lead.region, lead.grade, lead.language, str(lead.needs))
        if key not in known:
            known[key] = frozenset(
                rep.rep_id
                for rep in reps
                if covers(rep.regions, lead.region)
                and (rep.skills == "*" or set(items(lead.needs)) <= set(items(rep.skills)))
                and rep.level >= LEAST_LEVEL[lead.grade]
                and lead.language in items(rep.languages)
            )
        rows.append(known[key])
    return rows


def net_hours(company: Company) -> pd.Series:
    """Return each active rep's hours for leads in the plan's week."""
    reps = company.reps.set_index("rep_id")
    hours = reps["capacity_hours"] * pd.Series(present_shares(company)) - reps["base_hours"]
    return hours.clip(lower=0)[reps["active"] == 1]


@pytest.fixture(scope="module")
def demo() -> Company:
    """Return the company of the demo: 2,000 leads, 40 reps."""
    return generate(CompanySpec())


class TestTables:
    """Every table keeps its promises at every small size."""

    @given(specs)
    def test_columns_are_those_of_the_contract(self, spec: CompanySpec) -> None:
        company = generate(spec)
        assert set(company.leads) == set(column_names("leads"))
        assert set(company.reps) == set(column_names("reps"))
        assert set(company.absences) == set(column_names("absences"))
        assert set(company.pins) == set(column_names("pins")) - {"team", "region"}
        assert set(company.history) <= set(column_names("history"))
        assert (len(company.leads), len(company.reps)) == (spec.num_leads, spec.num_reps)
        assert len(company.history) == 2 * spec.num_leads

    @given(specs)
    def test_ids_are_unique_and_every_reference_is_known(self, spec: CompanySpec) -> None:
        company = generate(spec)
        leads, reps = company.leads, company.reps
        assert leads["lead_id"].is_unique
        assert reps["rep_id"].is_unique
        assert leads["email"].is_unique
        assert leads["phone"].is_unique
        assert company.pins["lead_id"].is_unique
        assert company.history["lead_id"].is_unique
        for column in (leads["owner"].dropna(), company.history["rep_id"], company.pins["rep_id"]):
            assert column.isin(reps["rep_id"]).all()
        assert company.absences["rep_id"].isin(reps["rep_id"]).all()
        assert company.pins["lead_id"].isin(leads["lead_id"]).all()
        assert not company.history["lead_id"].isin(leads["lead_id"]).any()

    @given(specs)
    def test_times_are_in_order_and_not_after_as_of(self, spec: CompanySpec) -> None:
        company = generate(spec)
        leads = company.leads
        created, owned_since, last_activity = (
            pd.to_datetime(leads[name]) for name in ("created", "owned_since", "last_activity")
        )
        hired = pd.to_datetime(company.reps.set_index("rep_id")["hired"], utc=True)
        owned = leads["owner"].notna()
        assert (created <= last_activity).all()
        assert (last_activity <= spec.as_of).all()
        assert (leads["owned_since"].notna() == owned).all()
        assert (created <= owned_since)[owned].all()
        assert (owned_since <= last_activity)[owned].all()
        assert (leads["owner"].map(hired) <= owned_since)[owned].all()
        closed_on = pd.to_datetime(company.history["closed_on"], utc=True)
        assert (closed_on >= company.history["rep_id"].map(hired)).all()
        assert (closed_on <= spec.as_of).all()

    @given(specs)
    def test_numbers_stay_in_their_ranges(self, spec: CompanySpec) -> None:
        company = generate(spec)
        leads, reps = company.leads, company.reps
        assert leads["amount"].dropna().gt(0).all()
        assert leads["win_probability"].dropna().between(0, 1).all()
        assert leads["effort_hours"].between(0.001, 6).all()
        assert leads["open_task"].isin([0, 1]).all()
        assert company.history["won"].isin([0, 1]).all()
        assert reps["active"].isin([0, 1]).all()
        assert reps["level"].between(1, 4).all()
        assert reps["max_leads"].gt(reps["base_leads"]).all()
        weekly = [sum(hours_of_day(text)) for text in reps["working_hours"]]
        assert reps["capacity_hours"].tolist() == weekly
        assert leads["needs"].map(lambda needs: len(items(needs))).max() <= 2

    @given(specs)
    def test_every_lead_has_several_eligible_reps_and_an_owner_who_covers_it(
        self, spec: CompanySpec
    ) -> None:
        company = generate(spec)
        least = min(3, spec.num_reps)
        assert min(len(reps) for reps in eligible_reps(company)) >= least
        regions = company.reps.set_index("rep_id")["regions"]
        for lead in records(company.leads.dropna(subset="owner")):
            assert covers(regions[lead.owner], lead.region)

    @given(specs)
    def test_a_pin_is_fixed_only_where_the_owner_may_stay(self, spec: CompanySpec) -> None:
        company = generate(replace(spec, num_leads=spec.num_leads + 1000))
        eligible = dict(zip(company.leads["lead_id"], eligible_reps(company), strict=True))
        owner = company.leads.set_index("lead_id")["owner"]
        for pin in records(company.pins):
            if pin.kind == "fixed":
                assert pin.rep_id == owner[pin.lead_id]
                assert pin.rep_id in eligible[pin.lead_id]
            else:
                assert pin.kind == "forbidden"
                assert eligible[pin.lead_id] - {pin.rep_id}
            assert isinstance(pin.reason, str)

    @pytest.mark.parametrize(("num_leads", "num_reps"), [(1, 1), (10, 2), (1, 30), (60, 1)])
    def test_the_smallest_companies_work(self, num_leads: int, num_reps: int) -> None:
        company = generate(CompanySpec(num_leads=num_leads, num_reps=num_reps))
        assert (len(company.leads), len(company.reps)) == (num_leads, num_reps)
        assert all(eligible_reps(company))


class TestSameBytes:
    """The same spec gives the same company, in memory and in files, whole or in chunks."""

    @given(spec=specs)
    @settings(max_examples=15)
    def test_files_are_byte_identical(
        self, spec: CompanySpec, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
        write_company(spec, first)
        write_company(spec, second)
        names = sorted(path.name for path in first.iterdir())
        assert names == sorted([*(f"{t}.csv" for t in TABLES), "policy.yaml", "snapshot.yaml"])
        for name in names:
            assert (first / name).read_bytes() == (second / name).read_bytes()

    @pytest.mark.parametrize(
        "spec",
        [
            CompanySpec(num_leads=300, num_reps=12),
            CompanySpec(num_leads=300, num_reps=12, dirty=0.1),
            CompanySpec(num_leads=50_010, num_reps=40, dirty=0.001),
        ],
        ids=["clean", "dirty", "several chunks"],
    )
    def test_files_hold_what_generate_returns(self, spec: CompanySpec, tmp_path: Path) -> None:
        write_company(spec, tmp_path)
        company = generate(spec)
        for name in TABLES:
            frame = getattr(company, name)
            path = tmp_path / f"{name}.csv"
            cells = pd.read_csv(path, dtype=str, keep_default_na=False)
            assert ((cells == "") == frame.isna()).all(axis=None)
            read = cells.mask(cells == "").astype(frame.dtypes.to_dict())
            pd.testing.assert_frame_equal(read, frame)
            assert path.read_bytes().count(b"\r") == 0

    def test_another_seed_gives_another_company(self) -> None:
        first, second = (generate(CompanySpec(300, 12, seed=seed)) for seed in (1, 2))
        assert not first.leads.equals(second.leads)
        assert not first.reps.equals(second.reps)

    def test_an_unfinished_directory_has_no_snapshot(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = CompanySpec(num_leads=10, num_reps=2)
        write_company(spec, tmp_path)

        def full_disk(spec: CompanySpec) -> str:
            raise OSError("no space left")

        monkeypatch.setattr(generate_module, "policy_text", full_disk)
        with pytest.raises(OSError, match="no space left"):
            write_company(spec, tmp_path)
        assert not (tmp_path / "snapshot.yaml").exists()

    def test_ten_million_leads_come_a_chunk_at_a_time(self) -> None:
        chunks = lead_chunks(CompanySpec(num_leads=10_000_000, num_reps=1000))
        allocated = []
        for chunk in itertools.islice(chunks, 4):
            assert chunk.leads.num_rows == 50_000
            assert chunk.history.num_rows == 1000
            allocated.append(pa.total_allocated_bytes())
        assert allocated[-1] < 1.2 * allocated[0]


class TestRealism:
    """What a plan needs to have something to decide."""

    @pytest.mark.parametrize(
        ("num_leads", "num_reps", "least", "most"),
        [(2_000, 40, 7.0, 8.5), (20_000, 200, 7.0, 8.5), (50_000, 1000, 13.5, 16.5)],
    )
    def test_eligible_reps_per_lead(
        self, num_leads: int, num_reps: int, least: float, most: float
    ) -> None:
        company = generate(CompanySpec(num_leads=num_leads, num_reps=num_reps))
        # Leads stand in random order, so the first ones are a fair sample.
        rows = eligible_reps(replace(company, leads=company.leads.head(2_000)))
        assert least <= np.mean([len(reps) for reps in rows]) <= most
        assert min(len(reps) for reps in rows) >= 3

    @pytest.mark.parametrize(
        ("num_leads", "num_reps"), [(2_000, 40), (20_000, 200), (40_000, 40), (1_000, 10)]
    )
    def test_effort_asks_for_a_little_more_than_the_hours_there_are(
        self, num_leads: int, num_reps: int
    ) -> None:
        company = generate(CompanySpec(num_leads=num_leads, num_reps=num_reps))
        effort = company.leads["effort_hours"]
        assert 1.05 <= effort.sum() / net_hours(company).sum() <= 1.15
        step = effort.min()
        assert effort.to_numpy() / step == pytest.approx(np.round(effort / step))
        assert step <= 0.25

    def test_some_books_are_far_above_their_hours_and_most_are_not(self, demo: Company) -> None:
        book = demo.leads.groupby("owner")["effort_hours"].sum()
        fill = book / demo.reps.set_index("rep_id")["capacity_hours"]
        assert fill.max() > 1.5
        assert fill.median() < 0.8

    def test_shares_of_the_demo(self, demo: Company) -> None:
        leads, reps = demo.leads, demo.reps
        grades = leads["grade"].value_counts(normalize=True)
        assert grades["A"] == pytest.approx(0.15, abs=0.03)
        assert grades["B"] == pytest.approx(0.35, abs=0.04)
        assert leads["owner"].notna().mean() == pytest.approx(0.70, abs=0.04)
        assert leads["win_probability"].isna().mean() == pytest.approx(0.03, abs=0.015)
        assert leads["company"].value_counts().between(1, 4).all()
        assert reps["team"].nunique() == 4
        assert (reps["active"] == 0).sum() == 1
        assert (demo.absences["kind"] == "departure").sum() == 1
        assert len(demo.absences) == 4
        assert len(demo.pins) > 0

    def test_history_shows_who_is_good_at_what(self) -> None:
        history = generate(CompanySpec(num_leads=20_000, num_reps=40)).history
        cells = history.groupby(["product", "grade", "rep_id"])["won"].agg(["mean", "count"])
        cells = cells[cells["count"] >= 30].reset_index()
        expected = cells.groupby(["product", "grade"])["mean"].transform("mean")
        chance = expected * (1 - expected) / cells["count"]
        assert ((cells["mean"] - expected) ** 2).mean() > 2 * chance.mean()


class TestPolicy:
    """The policy file that goes with a company."""

    def test_it_uses_what_works_today_and_nothing_else(self) -> None:
        policy = yaml.safe_load(policy_text(CompanySpec()))
        assert list(policy) == [
            "version", "name", "currency", "period", "must", "value", "capacity", "unassigned",
        ]  # fmt: skip
        assert [rule for rules in policy["must"] for rule in rules] == [
            "region", "skills", "level", "match", "available",
        ]  # fmt: skip
        assert policy["must"][2]["level"] == {"by": "grade", "least": {"A": 3, "B": 2}}

    @pytest.mark.parametrize(("num_leads", "most"), [(2_000, 23), (20_000, 225), (10, 1)])
    def test_the_limit_on_a_grade_grows_with_the_leads(self, num_leads: int, most: int) -> None:
        policy = yaml.safe_load(policy_text(CompanySpec(num_leads=num_leads)))
        assert policy["capacity"][2] == {
            "measure": "count",
            "where": {"grade": "A"},
            "at_most": most,
        }


class TestSpec:
    """Values out of range are refused with what is allowed."""

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("num_leads", 0, "CompanySpec.num_leads must be at least 1, got 0."),
            ("num_reps", -3, "CompanySpec.num_reps must be at least 1, got -3."),
            ("seed", -1, "CompanySpec.seed must be at least 0, got -1."),
            ("dirty", 0.7, "CompanySpec.dirty must be a share from 0 to 0.5, got 0.7."),
            (
                "as_of",
                datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2))),
                "CompanySpec.as_of must be in UTC, got 2026-01-01T00:00:00+02:00.\n"
                "Give it tzinfo=UTC, converted from local time if need be.",
            ),
        ],
    )
    def test_message(self, field: str, value: Any, message: str) -> None:
        with pytest.raises(ValueError, match="CompanySpec") as raised:
            CompanySpec(**{field: value})
        assert str(raised.value) == message

    def test_the_snapshot_says_the_spec(self, tmp_path: Path) -> None:
        spec = CompanySpec(
            num_leads=10,
            num_reps=2,
            as_of=datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
            timezone="Europe/Berlin",
            currency="EUR",
        )
        write_company(spec, tmp_path)
        assert (tmp_path / "snapshot.yaml").read_text(encoding="utf-8") == (
            "schema: 1\nas_of: 2027-03-01T09:30:00Z\ntimezone: Europe/Berlin\ncurrency: EUR\n"
        )
        assert set(generate(spec).leads["currency"]) == {"EUR"}
