"""The shipped example: the public CRM data of a computer-hardware company is imported."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.files.importer import ImportResult, import_tables, write_tables
from models.files.mapping_reader import read_mapping
from models.files.snapshot_files import read_snapshot
from planner.policy import read_policy

if TYPE_CHECKING:
    from models.issues import Issue
    from models.snapshot import Snapshot

LIBRARY = Path(__file__).parents[2] / "scenarios" / "library" / "maven_crm"
OPEN = ("Prospecting", "Engaging")


@pytest.fixture(scope="module")
def sources(shared_data: Path) -> Path:
    """Return the folder of the four CSV files."""
    return shared_data / "maven-crm"


@pytest.fixture(scope="module")
def imported(sources: Path) -> ImportResult:
    """Return the import of the example by its own mapping."""
    return import_tables(read_mapping(LIBRARY / "mapping.yaml"), [sources])


@pytest.fixture(scope="module")
def snapshot(imported: ImportResult) -> Snapshot:
    """Return the validated tables of the example."""
    assert imported.snapshot is not None, [issue.text() for issue in imported.issues.errors()]
    return imported.snapshot


def records(path: Path) -> list[dict[str, str]]:
    """Return the records of a source, read without any code of ours."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def of(imported: ImportResult, code: str) -> dict[tuple[str, str, str], Issue]:
    """Return the issues of a code by table, column and what was found."""
    issues = (issue for issue in imported.issues if issue.code == code)
    return {(issue.table, issue.column, issue.got): issue for issue in issues}


def test_every_deal_becomes_a_lead_or_history(snapshot: Snapshot) -> None:
    assert snapshot.num_leads == 2_089
    assert snapshot.num_reps == 35
    assert len(snapshot.history) == 6_711
    assert int(snapshot.history["won"].sum()) == 4_238
    assert snapshot.as_of.isoformat() == "2017-12-31T23:59:59+00:00"


def test_nothing_blocks_planning(imported: ImportResult) -> None:
    assert imported.complete
    assert [issue.text() for issue in imported.issues.errors()] == []


def test_the_region_is_the_office_of_the_present_agent(snapshot: Snapshot, sources: Path) -> None:
    offices = {
        row["sales_agent"]: row["regional_office"] for row in records(sources / "sales_teams.csv")
    }
    leads = snapshot.leads
    assert leads["region"].tolist() == [offices[owner] for owner in leads["owner"]]
    assert dict(leads["region"].value_counts()) == {"Central": 908, "West": 748, "East": 433}


def test_the_amount_is_the_list_price(snapshot: Snapshot, sources: Path) -> None:
    prices = {
        row["product"]: float(row["sales_price"]) for row in records(sources / "products.csv")
    }
    leads = snapshot.leads
    assert leads["amount"].tolist() == [prices[product] for product in leads["product"]]


def test_the_limit_is_a_tenth_over_the_mean_open_book(snapshot: Snapshot, sources: Path) -> None:
    offices = {
        row["sales_agent"]: row["regional_office"] for row in records(sources / "sales_teams.csv")
    }
    deals = records(sources / "sales_pipeline.csv")
    books = Counter(offices[deal["sales_agent"]] for deal in deals if deal["deal_stage"] in OPEN)
    agents = Counter(offices.values())
    # In whole numbers: the ceiling of 11 x deals / (10 x agents).
    limits = {office: -(-11 * books[office] // (10 * agents[office])) for office in agents}
    assert limits == {"Central": 91, "East": 40, "West": 69}
    reps = snapshot.reps
    assert reps["max_leads"].tolist() == [limits[region] for region in reps["regions"]]


def test_misspelt_values_are_mended_and_reported(imported: ImportResult) -> None:
    mended = {key: issue.count for key, issue in of(imported, "value_mapped").items()}
    assert mended[("sales_pipeline.csv", "product", "'GTXPro', now 'GTX Pro'")] == 1_480
    assert mended[("accounts.csv", "sector", "'technolgy', now 'technology'")] == 12
    assert mended[("accounts.csv", "office_location", "'Philipines', now 'Philippines'")] == 1
    text = {value for table in imported.tables.values() for value in table.frame.stack()}
    assert not {"GTXPro", "technolgy", "Philipines"} & text
    assert {"GTX Pro", "technology", "Philippines"} <= text


def test_what_is_missing_is_reported(imported: ImportResult) -> None:
    empty = {
        (table, column): issue.count
        for (table, column, _), issue in of(imported, "empty_cells").items()
    }
    assert empty[("leads", "company")] == 1_425
    (filled,) = of(imported, "default_used").values()
    assert (filled.table, filled.column, filled.count) == ("leads", "amount", 2_089)


def test_agents_without_a_deal_are_reported(imported: ImportResult, sources: Path) -> None:
    deals = records(sources / "sales_pipeline.csv")
    agents = {row["sales_agent"] for row in records(sources / "sales_teams.csv")}
    without_any = agents - {deal["sales_agent"] for deal in deals}
    idle = {issue.record for issue in imported.issues if issue.code == "rep_without_leads"}
    assert len(without_any) == 5
    assert without_any <= idle
    assert idle == agents - {deal["sales_agent"] for deal in deals if deal["deal_stage"] in OPEN}


def test_unmended_dirt_is_found(sources: Path, tmp_path: Path) -> None:
    text = (LIBRARY / "mapping.yaml").read_text(encoding="utf-8")
    start, end = text.index("sources:"), text.index("tables:")
    path = tmp_path / "mapping.yaml"
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    result = import_tables(read_mapping(path), [sources])
    missed = of(result, "lookup_missed")
    assert missed[("leads", "amount", "'GTXPro'")].count == 333
    assert "'GTX Pro'" in missed[("leads", "amount", "'GTXPro'")].fix


def test_what_is_written_is_the_same_snapshot(
    imported: ImportResult, snapshot: Snapshot, tmp_path: Path
) -> None:
    write_tables(imported, tmp_path / "company")
    again = read_snapshot(tmp_path / "company")
    assert again.content_hash == snapshot.content_hash


@pytest.mark.parametrize("name", ["policy", "policy_learned", "policy_judge", "policy_weekly"])
def test_the_policies_fit_the_tables(name: str, snapshot: Snapshot) -> None:
    read_policy(LIBRARY / f"{name}.yaml").check(snapshot)


def test_the_policies_learn_from_the_two_halves_of_history(snapshot: Snapshot) -> None:
    outcomes = {}
    for name in ("policy", "policy_learned", "policy_judge"):
        learned = read_policy(LIBRARY / f"{name}.yaml").win_probability.history
        assert learned is not None
        where = learned.where
        outcomes[name] = (
            int(where.mask(snapshot.history, "UTC").sum()) if where else len(snapshot.history)
        )
        assert (learned.by, learned.per_rep, learned.prior_strength) == (("product",), True, 200)
    assert outcomes == {"policy": 6_711, "policy_learned": 3_357, "policy_judge": 3_354}


def test_every_closed_deal_tells_when_it_began_and_what_it_was_worth(
    snapshot: Snapshot, sources: Path
) -> None:
    deals = {row["opportunity_id"]: row for row in records(sources / "sales_pipeline.csv")}
    prices = {
        row["product"]: float(row["sales_price"]) for row in records(sources / "products.csv")
    }
    history = snapshot.history
    began = [deals[lead_id]["engage_date"] for lead_id in history["lead_id"]]
    assert history["created"].dt.strftime("%Y-%m-%d").tolist() == began
    assert history["expected_amount"].tolist() == [prices[name] for name in history["product"]]
    # Of the open ones, those that were never engaged do not.
    assert int(snapshot.leads["created"].isna().sum()) == 500
