"""What a run tells of itself: figures of the plan itself, and only what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.jobs.tasks.company import READ
from api.jobs.tasks.teller import Teller
from models.outcome import Prices
from models.plan import REFERENCE
from planner.engines.engine import Progress
from planner.solve import CHECK, COMPILE, SOLVE

if TYPE_CHECKING:
    from api.store.columns import Json


class Heard:
    """Keeps what a teller sends."""

    def __init__(self) -> None:
        self.told: list[tuple[Json, bool]] = []
        self.teller = Teller(lambda told, built: self.told.append((told, built)), lambda: False)

    def newest(self) -> Json:
        """Return what is told now."""
        self.teller.tell()
        return self.told[-1][0]


def test_figures_are_of_the_plan_itself() -> None:
    heard = Heard()
    for stage in (READ, COMPILE, REFERENCE):
        heard.teller.report(Progress(stage=stage))
    heard.teller.report(Progress(objective=900.0, score=900.0, bound=1.0))
    assert (heard.newest()["objective"], heard.newest()["bound"]) == (None, None)
    heard.teller.report(Progress(stage=SOLVE, message="solving"))
    heard.teller.report(Progress(objective=80.0, score=100.0, prices=Prices((), 100.0)))
    heard.teller.report(Progress(bound=90.0, message="closer"))
    told = heard.newest()
    assert (told["stage"], told["message"]) == (SOLVE, "closer")
    assert (told["objective"], told["bound"], told["gap"]) == (80.0, 90.0, 0.1)
    # What is solved to price a rule has an objective of its own.
    heard.teller.report(Progress(stage=CHECK))
    heard.teller.report(Progress(objective=5.0, score=5.0, bound=5.0))
    assert (heard.newest()["objective"], heard.newest()["bound"]) == (80.0, 90.0)


def test_stages_are_told_at_once_and_the_rest_when_asked() -> None:
    heard = Heard()
    heard.teller.report(Progress(stage=COMPILE))
    heard.teller.report(Progress(message="a word"))
    assert len(heard.told) == 1
    heard.teller.tell()
    heard.teller.tell()
    assert len(heard.told) == 2
    heard.teller.report(Progress(stage=SOLVE))
    assert [built for _, built in heard.told] == [False, False, True]
