"""A plan that breaks a rule cannot be published; reliability.md, test 7."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from sqlalchemy import delete, update

from api.jobs.tasks.dress import LEADS_FILE
from api.services.desk.checks import check_kept
from api.services.desk.planned import Sources
from api.store.files import store_files
from api.store.tables import FileRow, PlanRow, PublicationRow
from models.files.plan_files import read_plan, write_plan
from models.plan import plan_hash
from tests.api.company import LEADS, POLICY, REPS, TABLES, add_company, add_plan_of, add_rules
from tests.api.office import ROOT, Office, problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from api.services.service import Service
    from tests.api.conftest import ClientOf

    Mutation = Callable[[pd.DataFrame, random.Random], pd.DataFrame]

RULES = (
    POLICY.replace("must:\n", "must:\n  - skills: {}\n")
    .replace("capacity:\n", "capacity:\n  - {measure: count, where: {grade: A}, at_most: 2}\n")
    .replace(
        "unassigned",
        "fairness:\n  - {measure: count, share_by: head, within: 25%, mode: hard}\nunassigned",
    )
)
COMPANY = {
    **TABLES,
    "reps.csv": "\n".join(
        line + (",skills" if number == 0 else f",{'law' if number == 1 else ''}")
        for number, line in enumerate(REPS.splitlines())
    ),
    "leads.csv": "\n".join(
        line + (",needs" if number == 0 else f",{'law' if number in (1, 5) else ''}")
        for number, line in enumerate(LEADS.splitlines())
    ),
}


def assigned(leads: pd.DataFrame, chance: random.Random) -> int:
    """Return a row that has a rep."""
    return int(chance.choice(leads.index[leads["rep_id"].notna()].tolist()))


def give(leads: pd.DataFrame, at: int, rep: str | None) -> pd.DataFrame:
    """Return the plan with a lead given to another rep."""
    changed = leads.copy()
    changed.loc[at, "rep_id"] = rep
    return changed


def over_capacity(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Give all leads of a region to one rep who may have them, and too few of them."""
    east = leads["region"].str.startswith("US/East")
    changed = leads.copy()
    changed.loc[east, "rep_id"] = chance.choice(["R1", "R2", "R4"])
    return changed


def broken_band(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Take so many leads from a rep that the book is below the fair share."""
    mine = leads["rep_id"] == chance.choice(["R1", "R2", "R3", "R4"])
    return leads.assign(rep_id=leads["rep_id"].mask(mine))


def wrong_region(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Give a western lead to an eastern rep."""
    west = leads.index[leads["region"].str.startswith("US/West")].tolist()
    return give(leads, chance.choice(west), chance.choice(["R1", "R2"]))


def missing_skill(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Give a lead that needs law to a rep who knows none."""
    at = leads.index[leads["lead_id"].isin(["L01", "L05"])].tolist()
    return give(leads, chance.choice(at), chance.choice(["R2", "R4"]))


def double_lead(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Give a lead to a second rep, too."""
    again = leads.loc[[assigned(leads, chance)]].assign(rep_id=chance.choice(["R1", "R4"]))
    return pd.concat([leads, again], ignore_index=True)


def unknown_lead(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Add a lead that nobody knows."""
    again = leads.loc[[assigned(leads, chance)]].assign(lead_id=f"X{chance.randrange(1000)}")
    return pd.concat([leads, again], ignore_index=True)


def unknown_rep(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Give a lead to a rep whom nobody knows."""
    return give(leads, assigned(leads, chance), f"X{chance.randrange(1000)}")


def wrong_value(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Say that a lead is worth more than it is."""
    at = leads.index == assigned(leads, chance)
    return leads.assign(expected_value=leads["expected_value"] + at * chance.uniform(1, 1000))


def wrong_score(leads: pd.DataFrame, chance: random.Random) -> pd.DataFrame:
    """Say that a lead scores less than it does."""
    at = leads.index == assigned(leads, chance)
    return leads.assign(score=leads["score"] - at * chance.uniform(1, 1000))


MUTATIONS: tuple[Mutation, ...] = (
    over_capacity,
    broken_band,
    wrong_region,
    missing_skill,
    double_lead,
    unknown_lead,
    unknown_rep,
    wrong_value,
    wrong_score,
)


@pytest.fixture
def empty_url(tmp_path: Path) -> str:
    """Return the URL of an empty SQLite database: the checker asks none."""
    return f"sqlite:///{tmp_path}/fairlead.db"


@pytest.fixture
def tables(service: Service) -> str:
    """Return the id of the tables of a company with skills."""
    return add_company(service, COMPANY)


@pytest.fixture
def plan(service: Service, tables: str) -> str:
    """Return the id of a plan with limits, skills and fair shares."""
    return add_plan_of(service, tables, add_rules(service, RULES))


def write_mutant(plan: Path, leads: pd.DataFrame, directory: Path) -> str:
    """Write a plan directory that says all over that the changed assignment was planned; return
    its hash.
    """
    kept, told = read_plan(plan), plan_hash(leads)
    record = kept.record.model_copy(update={"hashes": {**kept.record.hashes, "plan": told}})
    columns = kept.assignments.columns
    others = [name for name in columns if name not in leads]
    known = kept.assignments.drop_duplicates("lead_id").set_index("lead_id")[others]
    assignments = leads.join(known, on="lead_id")[list(columns)]
    write_plan(replace(kept, record=record, assignments=assignments), directory)
    leads.to_parquet(directory / LEADS_FILE, index=False)
    return told


@pytest.mark.parametrize("count", [18, pytest.param(10_000, marks=pytest.mark.hard)])
def test_every_mutant_is_found(
    service: Service, tables: str, plan: str, tmp_path: Path, count: int
) -> None:
    directory, kept = service.copies.directory(tables), service.copies.directory(plan)
    leads = pd.read_parquet(kept / LEADS_FILE)
    sources = Sources(kept, directory)
    assert check_kept(kept, plan_hash(leads), sources) == (True, [])
    for seed in range(count):
        chance = random.Random(seed)  # noqa: S311  not for secrets
        mutate = MUTATIONS[seed % len(MUTATIONS)]
        told = write_mutant(kept, mutate(leads, chance), tmp_path / "mutant")
        again, faults = check_kept(
            tmp_path / "mutant", told, replace(sources, plan=tmp_path / "mutant")
        )
        assert again, (seed, mutate.__name__)
        assert faults, (seed, mutate.__name__)
        shutil.rmtree(tmp_path / "mutant")


def put(service: Service, plan: str, directory: Path, told: str) -> None:
    """Put other files in the place of a plan's, as nobody should be able to."""
    record = read_plan(directory).record.model_dump(mode="json", by_alias=True)
    with service.database.writing() as session:
        session.execute(delete(FileRow).where(FileRow.owner_id == plan))
        store_files(session, plan, sorted(directory.iterdir()))
        session.execute(update(PlanRow).where(PlanRow.id == plan).values(hash=told, record=record))
    service.copies.forget(plan)


@pytest.mark.parametrize("mutate", MUTATIONS)
def test_no_mutant_is_published(
    service: Service, plan: str, client_of: ClientOf, tmp_path: Path, mutate: Mutation
) -> None:
    office = Office(service, client_of("planner"), client_of("approver"), plan)
    kept = service.copies.directory(plan)
    leads = pd.read_parquet(kept / LEADS_FILE)
    mutant = mutate(leads, random.Random(1))  # noqa: S311  not for secrets
    approved, url = office.approved(), office.draft()
    told = write_mutant(kept, mutant, tmp_path / "mutant")
    put(service, plan, tmp_path / "mutant", plan_hash(leads))
    if told != plan_hash(leads):
        # The files are not what was planned, and that it was approved before does not help.
        assert problem(office.approver.post(f"{approved}/publish")) == (422, "invalid")
    put(service, plan, tmp_path / "mutant", told)
    answer = office.planner.post(f"{url}/submit")
    assert problem(answer) == (422, "invalid")
    assert "does not pass the checker" in answer.json()["detail"]
    assert office.planner.get(url).json()["status"] == "draft"


def test_a_plan_that_says_so_itself_cannot_be_drafted(
    service: Service, plan: str, client_of: ClientOf
) -> None:
    with service.database.writing() as session:
        row = session.get_one(PlanRow, plan)
        row.record = {**row.record, "feasible": False, "breaches": ["rep R1 has too many"]}
    told = client_of("planner").post(ROOT, json={"plan": plan})
    assert problem(told) == (422, "invalid")
    assert "rep R1 has too many" in told.json()["detail"]
    with service.database.reading() as session:
        assert session.query(PublicationRow).count() == 0
