"""Deals out of leads and history, and the days on which a replay plans."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest

from models.errors import UsageError
from scenarios.replay.calendar import starts_of
from scenarios.replay.deals import STATE, deals_of
from tests.scenarios.replay.dated import NUM_DEALS, ZONE, frames, snapshot_of

WEEK = timedelta(weeks=1)


def test_every_deal_is_there_without_what_the_end_tells() -> None:
    tables = frames()
    deals = deals_of(snapshot_of(tables))
    table = deals.table.set_index("lead_id")
    assert len(table) == NUM_DEALS
    assert table[list(STATE)].isna().all().all()
    history, leads = (tables[name].set_index("lead_id") for name in ("history", "leads"))
    # Not what a deal brought, which is 0 where it was lost.
    assert table["amount"][history.index].tolist() == history["expected_amount"].tolist()
    assert table["brought"][history.index].tolist() == history["amount"].tolist()
    assert table["amount"][leads.index].tolist() == leads["amount"].tolist()
    assert table["recorded"][leads.index].tolist() == leads["owner"].tolist()
    assert deals.notes == ("Of leads, stage are left out: the tables tell them as of the end.",)


def test_what_is_open_follows_from_two_dates() -> None:
    deals = deals_of(snapshot_of(frames()))
    start = pd.Timestamp("2026-02-02", tz=ZONE)
    found = set(deals.open_at(start)["lead_id"])
    for deal in deals.table.to_dict("records"):
        has_closed = not pd.isna(deal["closed_on"]) and deal["closed_on"] < start
        assert (deal["lead_id"] in found) == (deal["created"] < start and not has_closed)


def test_what_is_not_known_is_told() -> None:
    tables = frames()
    tables["history"].loc[0, "created"] = None
    tables["history"].loc[1, "created"] = "2026-03-08"
    tables["leads"].loc[[0, 1], "created"] = None
    deals = deals_of(snapshot_of(tables))
    assert len(deals.table) == NUM_DEALS - 4
    told = " ".join(deals.notes)
    assert "1 closed deals do not tell when they began" in told
    assert "2 open leads do not tell when they began" in told
    assert "1 deals closed before they began" in told


def test_one_lead_id_may_come_again_but_not_twice_at_a_time() -> None:
    tables = frames()
    history, leads = tables["history"], tables["leads"]
    first = history.sort_values("closed_on").iloc[0]
    leads.loc[leads.index[-1], "lead_id"] = str(first["lead_id"])
    deals = deals_of(snapshot_of(tables))
    assert len(deals.table) == NUM_DEALS
    leads.loc[leads.index[-1], "created"] = str(first["created"])
    with pytest.raises(UsageError, match="open while another with their lead_id is"):
        deals_of(snapshot_of(tables))


def test_a_past_without_beginnings_is_refused() -> None:
    tables = frames()
    tables["history"] = tables["history"].drop(columns="created")
    with pytest.raises(UsageError, match="add its column `created`"):
        deals_of(snapshot_of(tables))


def test_days_are_days_of_the_company() -> None:
    snapshot = snapshot_of(frames())
    deals = deals_of(snapshot)
    starts = starts_of(snapshot, deals, date(2026, 2, 25), date(2026, 3, 20), timedelta(days=5))
    # The clocks change on 8 March; the tables end on the 9th.
    assert [str(start) for start in starts] == [
        "2026-02-25 00:00:00-05:00",
        "2026-03-02 00:00:00-05:00",
        "2026-03-07 00:00:00-05:00",
    ]
    by_default = starts_of(snapshot, deals, None, None, WEEK)
    assert all(start.day_name() == "Monday" for start in by_default)
    earliest = deals.table["closed_on"].min()
    assert by_default[0] - pd.Timedelta(weeks=1) <= earliest < by_default[0]
    assert str(by_default[-1]) == "2026-03-09 00:00:00-04:00"


@pytest.mark.parametrize(
    ("first", "last", "every", "told"),
    [
        (date(2026, 3, 1), date(2026, 2, 1), WEEK, "begin on 2026-03-01 and end on 2026-02-01"),
        (date(2025, 3, 1), None, WEEK, "nothing had closed before 2025-03-01"),
        (None, None, timedelta(hours=36), "must be whole days or weeks"),
        (None, None, timedelta(0), "must be whole days or weeks"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    first: date | None, last: date | None, every: timedelta, told: str
) -> None:
    snapshot = snapshot_of(frames())
    with pytest.raises(UsageError, match=told):
        starts_of(snapshot, deals_of(snapshot), first, last, every)
