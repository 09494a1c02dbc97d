"""Faults planted in the leads: all kinds, all listed, and nothing else changed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.generate import Company, CompanySpec, FaultKind, PlantedFault, generate

DIRTY = CompanySpec(num_leads=400, num_reps=12, dirty=0.1)


@pytest.fixture(scope="module")
def dirty() -> Company:
    """Return a company with four faults of each kind."""
    return generate(DIRTY)


def fault(company: Company, kind: FaultKind) -> tuple[PlantedFault, dict[str, Any]]:
    """Return the first fault of a kind and its row."""
    planted = next(fault for fault in company.planted if fault.kind is kind)
    return planted, cells(company.leads.iloc[planted.row])


def cells(row: pd.Series) -> dict[str, Any]:
    return {str(column): cell for column, cell in row.items()}


def record(company: Company, lead_id: str) -> dict[str, Any]:
    """Return the only row with an id."""
    ((_, row),) = company.leads[company.leads["lead_id"] == lead_id].iterrows()
    return cells(row)


def differences(first: dict[str, Any], second: dict[str, Any]) -> set[str]:
    """Return the columns in which two rows differ; empty cells are equal."""
    return {
        column
        for column, cell in first.items()
        if cell != second[column] and not (pd.isna(cell) and pd.isna(second[column]))
    }


def test_a_clean_company_has_no_fault() -> None:
    assert generate(replace(DIRTY, dirty=0)).planted == ()


def test_every_kind_is_planted_equally_often(dirty: Company) -> None:
    assert Counter(fault.kind for fault in dirty.planted) == dict.fromkeys(FaultKind, 4)


def test_each_fault_stands_where_the_list_says(dirty: Company) -> None:
    for planted in dirty.planted:
        row = dirty.leads.loc[planted.row]
        assert row["lead_id"] == planted.lead_id
        assert str(row[planted.column]) == planted.value


@given(seed=st.integers(0, 10_000), num_leads=st.integers(10, 300), dirty=st.floats(0, 0.5))
def test_rows_that_are_not_listed_are_those_of_the_clean_company(
    seed: int, num_leads: int, dirty: float
) -> None:
    spec = CompanySpec(num_leads=num_leads, num_reps=5, seed=seed, dirty=dirty)
    company, clean = generate(spec), generate(replace(spec, dirty=0))
    rows = {planted.row for planted in company.planted}
    assert len(rows) == len(company.planted) == round(dirty * num_leads)
    # Amounts are text in a dirty company, since a text may stand among them.
    amounts = pd.to_numeric(company.leads["amount"], errors="coerce")
    leads = company.leads.assign(amount=amounts)
    different = (leads != clean.leads) & ~(leads.isna() & clean.leads.isna())
    assert set(leads.index[different.any(axis=1)]) <= rows
    pd.testing.assert_frame_equal(company.reps, clean.reps)
    pd.testing.assert_frame_equal(company.history, clean.history)


def test_a_duplicate_id_belongs_to_another_sound_row(dirty: Company) -> None:
    planted, row = fault(dirty, FaultKind.DUPLICATE_ID)
    assert row["lead_id"] == planted.original
    assert (dirty.leads["lead_id"] == planted.original).sum() == 2


def test_an_unknown_owner_is_no_rep(dirty: Company) -> None:
    _, row = fault(dirty, FaultKind.UNKNOWN_OWNER)
    assert row["owner"] not in set(dirty.reps["rep_id"])
    assert isinstance(row["owned_since"], str)


def test_an_uncovered_region_is_a_misspelling_that_nobody_covers(dirty: Company) -> None:
    planted, row = fault(dirty, FaultKind.UNCOVERED_REGION)
    covered = {region for regions in dirty.reps["regions"] for region in regions.split(";")}
    assert not any(f"{row['region']}/".startswith(f"{region}/") for region in covered)
    assert any(f"{planted.value[1:]}/".startswith(f"{region}/") for region in covered)


def test_numbers_out_of_range_and_text_among_numbers(dirty: Company) -> None:
    _, negative = fault(dirty, FaultKind.NEGATIVE_AMOUNT)
    _, probability = fault(dirty, FaultKind.IMPOSSIBLE_PROBABILITY)
    _, text = fault(dirty, FaultKind.TEXT_IN_NUMBER)
    assert float(negative["amount"]) < 0
    assert probability["win_probability"] == 1.7
    assert text["amount"] == "NaN"


def test_a_future_time_lies_after_as_of(dirty: Company) -> None:
    _, row = fault(dirty, FaultKind.FUTURE_TIME)
    assert pd.Timestamp(row["last_activity"]) > dirty.as_of


def test_a_padded_id_has_spaces_around_it(dirty: Company) -> None:
    _, row = fault(dirty, FaultKind.PADDED_ID)
    assert row["lead_id"] == f" {row['lead_id'].strip()} "


def test_an_exact_duplicate_differs_in_its_id_alone(dirty: Company) -> None:
    planted, row = fault(dirty, FaultKind.EXACT_DUPLICATE)
    assert differences(row, record(dirty, planted.original)) == {"lead_id"}


def test_a_near_duplicate_differs_in_spelling_alone(dirty: Company) -> None:
    planted, row = fault(dirty, FaultKind.NEAR_DUPLICATE)
    original = record(dirty, planted.original)
    assert differences(row, original) == {"lead_id", "email", "company"}
    assert row["email"].lower() == original["email"]
    assert row["company"] == f"{original['company']} Inc."


def test_pins_stay_away_from_faulty_rows() -> None:
    company = generate(CompanySpec(num_leads=4000, num_reps=12, dirty=0.5))
    faulty = {planted.lead_id.strip() for planted in company.planted}
    sound = set(company.leads["lead_id"]) - faulty
    assert len(company.pins) > 0
    assert not set(company.pins["lead_id"]) - set(company.leads["lead_id"])
    originals = {planted.original for planted in company.planted}
    assert set(company.pins["lead_id"]) <= sound | originals
