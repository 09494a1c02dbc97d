"""Ranks reps for new leads by the prices of a plan, which is kept ready."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from api.memory import settle
from api.services.desk.known_customers import KnownCustomers, forget_values
from api.services.desk.planned import planned_of
from api.services.desk.publication_files import ASSIGNMENT_FILE
from api.services.desk.shelf import Shelf
from models.columns import TABLES, Kind
from models.errors import InputError, PolicyError
from models.issues import IssueLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from api.services.desk.planned import Sources
    from planner.recommend import Recommender
    from planner.recommending.ranking import Ranking, Recommendation

MOMENTS = frozenset(column.name for column in TABLES["leads"] if column.kind is Kind.TIME)


@dataclass(frozen=True)
class Books:
    """A plan, and who has its leads.

    Attributes
    ----------
    sources : what the plan was made from
    publication : directory of the publication by which reps have leads; None for the plan itself
    """

    sources: Sources
    publication: Path | None = None


@dataclass(frozen=True)
class People:
    """The personal data of a plan's tables, by which new leads of its customers are known.

    Attributes
    ----------
    erasures : how many persons were erased from it; of two, the greater one counts
    content : of the file; shown nowhere
    """

    erasures: int
    content: bytes = field(repr=False)


@dataclass
class _Adviser:
    """Who recommends, and whom it knows.

    Attributes
    ----------
    publication : by which reps have leads, as of `Books`; is_warm : whether it was made ready
    customers : None until somebody tells; erasures : of what was told
    """

    recommender: Recommender
    publication: Path | None = None
    is_warm: bool = False
    customers: KnownCustomers | None = None
    erasures: int = -1


def prepare(books: Books, people: People | None = None) -> None:
    """Have the recommender of a plan ready; raises as `planned_of`.

    Parameters
    ----------
    people : only where the plan's policy counts customers by company
    """
    adviser = _adviser(books)
    # The same plan may be published again, by parts or after another one: only books differ then.
    if adviser.publication != books.publication:
        _go_by(adviser, books.publication)
    if people is not None:
        meet(books, people)
    if not adviser.is_warm:
        adviser.recommender.warm()
        adviser.is_warm = True
        settle()


def hold(books: Books, holders: Mapping[str, str | None]) -> None:
    """Count leads that changed hands with who has them now, None for nobody; what is told of a
    publication that is not the current one any more is left.
    """
    adviser = _adviser(books)
    if adviser.publication == books.publication:
        adviser.recommender.hold(holders)


def meet(books: Books, people: People) -> None:
    """Know the customers of a plan's tables, and none whom they do not tell any more."""
    adviser = _adviser(books)
    if people.erasures > adviser.erasures:
        leads = adviser.recommender.compiled.snapshot.leads
        adviser.customers = KnownCustomers(leads, people.content)
        adviser.erasures = people.erasures


def forget() -> None:
    """Let go of all customers: somebody was erased."""
    for adviser in _shelf().things():
        adviser.customers, adviser.erasures = None, -1
    forget_values()


def rank(
    books: Books, leads: Sequence[Mapping[str, Any]], top: int, erasures: int | None = None
) -> bytes | None:
    """Return the rankings of leads, as JSON, so that the server need not look at them.

    Parameters
    ----------
    erasures : of the personal data that must be known by now; None where it is not needed

    Returns
    -------
    rankings : None where customers must be told first: see `meet`

    Raises
    ------
    InputError, PolicyError : with every fault of all leads
    PlanFileError : as `planned_of`
    """
    adviser = _adviser(books)
    if erasures is not None and adviser.erasures < erasures:
        return None
    recommender, customers = adviser.recommender, adviser.customers
    issues, faults, rankings = IssueLog(), [], []
    for number, lead in enumerate(leads, 1):
        try:
            told = lead if customers is None else customers.in_place(lead)
            rankings.append(recommender.rank(_typed(told), top))
        except InputError as error:
            # Each lead is read as a table of its own; the line is its number in the request.
            issues.issues += [replace(issue, line=number) for issue in error.issues]
        except PolicyError as error:
            faults += [f"lead {number}: {fault}" for fault in error.faults]
    if issues.errors():
        raise InputError("the new leads cannot be used", issues)
    if faults:
        raise PolicyError("with these leads, the plan's policy", faults)
    return json.dumps([_record(ranking) for ranking in rankings]).encode()


def _typed(lead: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lead with its times as times, where they say their zone."""
    return {name: _moment(cell) if name in MOMENTS else cell for name, cell in lead.items()}


def _moment(cell: Any) -> Any:
    try:
        moment = datetime.fromisoformat(cell)
    except (TypeError, ValueError):
        return cell
    return cell if moment.tzinfo is None else moment


def _record(ranking: Ranking) -> dict[str, Any]:
    record = _fields(ranking)
    record["reps"] = [_fields(rep) for rep in ranking.reps]
    # JSON has no infinity: a lead that must have a rep has no score without one.
    record["nobody"] = ranking.nobody if math.isfinite(ranking.nobody) else None
    return record


def _fields(thing: Ranking | Recommendation) -> dict[str, Any]:
    # `asdict` would copy every value, which takes longer than the ranking.
    return {one.name: getattr(thing, one.name) for one in fields(thing)}


def _adviser(books: Books) -> _Adviser:
    return _shelf().get(books.sources, lambda: _made(books))


def _made(books: Books) -> _Adviser:
    # What compiles its loops takes a second to load, and the server does not need it.
    from planner.recommend import Recommender

    adviser = _Adviser(Recommender(planned_of(books.sources)))
    if books.publication is not None:
        _go_by(adviser, books.publication)
    return adviser


def _go_by(adviser: _Adviser, publication: Path | None) -> None:
    """Count all leads with who has them by a publication, or by the plan itself."""
    if publication is None:
        plan = adviser.recommender.planned.plan.assignments
        rep_ids = plan["rep_id"].astype(object).where(plan["rep_id"].notna(), None)
        adviser.recommender.hold(dict(zip(plan["lead_id"], rep_ids, strict=True)))
    else:
        file = pq.ParquetFile(publication / ASSIGNMENT_FILE)
        for batch in file.iter_batches(columns=["lead_id", "rep_id"]):
            told = batch.to_pydict()
            adviser.recommender.hold(dict(zip(told["lead_id"], told["rep_id"], strict=True)))
    adviser.publication = publication


@cache
def _shelf() -> Shelf[_Adviser]:
    return Shelf(1)
