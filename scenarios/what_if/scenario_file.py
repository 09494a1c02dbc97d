"""Reads scenario files; every fault comes with its line and the nearest known name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from models.errors import ScenarioError
from models.files.record_reader import RecordReader, faults_as, unknown
from models.files.yaml_reader import parse_yaml, read_yaml
from scenarios.what_if.lead_changes import FewerLeads, LeadsFrom, MoreLeads
from scenarios.what_if.offer_changes import NewProduct, Train
from scenarios.what_if.policy_changes import SetPolicy
from scenarios.what_if.rep_changes import PartTime, RepAbsent, RepJoins, RepLeaves, ScaleCapacity
from scenarios.what_if.scenario import Scenario
from scenarios.what_if.territory_changes import MergeTerritories, MoveTerritory, SplitTerritory

if TYPE_CHECKING:
    from pathlib import Path

    from models.files.yaml_reader import YamlDocument
    from scenarios.what_if.change import Change

CHANGES: tuple[type[Change], ...] = (
    RepJoins,
    RepLeaves,
    RepAbsent,
    PartTime,
    ScaleCapacity,
    MoveTerritory,
    SplitTerritory,
    MergeTerritories,
    MoreLeads,
    FewerLeads,
    LeadsFrom,
    Train,
    NewProduct,
    SetPolicy,
)
"""Every kind of change, by its name in a file."""


class Head(BaseModel):
    """The keys of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    description: str = ""
    changes: Any = None


def read_scenario(path: Path) -> Scenario:
    """Return the scenario of a file.

    Raises
    ------
    ScenarioError : with every fault, each with its line
    """
    with faults_as(ScenarioError):
        document = read_yaml(path)
    return parse_scenario(document, path.parent)


def scenario_from_text(text: str, source: str = "scenario", *, is_data: bool = False) -> Scenario:
    """Return the scenario of YAML text; raises ScenarioError as `read_scenario` does.

    Parameters
    ----------
    is_data : whether the text was written from data, so that faults name its entries, not lines
    """
    with faults_as(ScenarioError):
        document = parse_yaml(text, source)
    return parse_scenario(replace(document, is_data=is_data))


def parse_scenario(document: YamlDocument, directory: Path | None = None) -> Scenario:
    """Return the scenario of a YAML document; raises ScenarioError as `read_scenario` does.

    Parameters
    ----------
    directory : in which files lie that the scenario names
    """
    reader = RecordReader(document, "scenario")
    head = reader.record(Head, document.data, ())
    known = {kind.name: kind for kind in CHANGES}
    changes: list[Change] = []
    entries = document.data.get("changes") if isinstance(document.data, dict) else None
    for number, entry in enumerate(reader.list_of(entries, ("changes",))):
        here = ("changes", number)
        if not isinstance(entry, dict) or len(entry) != 1:
            reader.fault(here, entry, "a change is written as `name: {parameters}`")
            continue
        ((name, parameters),) = entry.items()
        if name not in known:
            reader.add((*here, name), unknown(f"changes: unknown change {name!r}", name, known))
            continue
        change = reader.record(known[name], parameters, (*here, name))
        if change is not None:
            if isinstance(change, LeadsFrom) and directory is not None:
                change = change.model_copy(update={"file": directory / change.file})
            changes.append(change)
    if head is not None and not changes and not reader.faults:
        reader.add((), "scenario: `changes` is empty; a scenario has at least one change")
    if reader.faults or head is None:
        raise ScenarioError(document.source, reader.faults)
    return Scenario(head.name, tuple(changes), head.description, document.source)
