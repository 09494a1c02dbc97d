"""When a schedule is due: cron in an IANA time zone.

A slot that the clocks skip in spring comes at the end of the gap, and one that they repeat in
autumn comes once, the first time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from api.errors import InvalidRequestError
from models.nearest import nearest_advice
from models.snapshot import known_zones

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = {
    "minute": (60, "0 to 59"),
    "hour": (24, "0 to 23"),
    "day-of-month": (31, "1 to 31 that the month has, or L for the last"),
    "month": (12, "1 to 12, or JAN to DEC"),
    "day-of-week": (7, "0 to 7 from Sunday on, SUN to SAT, or MON#1, 5L for the first, last one"),
}
"""How many values each field has, and which, by the library's names, in their order."""
STEP = re.compile(r"/([0-9]+)")


@dataclass(frozen=True)
class Cron:
    """An expression that was read.

    Attributes
    ----------
    text : five fields, minutes to days of the week
    zone : IANA name of the zone in which they are read
    """

    text: str
    zone: str

    @classmethod
    def parse(cls, text: str, zone: str) -> Cron:
        """Return an expression; InvalidRequestError tells every fault."""
        faults = []
        if zone not in known_zones():
            advice = nearest_advice(zone, known_zones()) or "write one such as Europe/Berlin"
            faults.append(f"timezone is {zone!r}, which is no IANA time zone; {advice}")
            zone = "UTC"
        fields = text.split()
        if len(fields) != len(FIELDS):
            faults.append(
                f"cron has {len(fields)} fields; it must have {len(FIELDS)}: {', '.join(FIELDS)}, "
                "as `0 7 * * MON`"
            )
        else:
            try:
                next(CronSim(text, datetime(2026, 1, 1, tzinfo=UTC)))
            except CronSimError as error:
                faults.append(f"cron is {text!r}: {_told(error)}")
            except StopIteration:
                faults.append(f"cron is {text!r}, which never comes")
            faults += _steps_beyond(text, fields)
        if faults:
            raise InvalidRequestError("; ".join(faults))
        return cls(" ".join(fields), zone)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yield the slots after a moment, in UTC."""
        local = moment.astimezone(ZoneInfo(self.zone))
        for slot in CronSim(self.text, local):
            yield slot.astimezone(UTC)

    def explain(self) -> str:
        """Return the expression in English."""
        told: str = CronSim(self.text, datetime(2026, 1, 1, tzinfo=UTC)).explain()
        return f"{told} ({self.zone})"


def _told(error: CronSimError) -> str:
    """Return what the library says, such as "Bad minute", with what is allowed there."""
    name = str(error).lower().removeprefix("bad ")
    _, allowed = FIELDS.get(name, (0, "as in `0 7 * * MON`"))
    return (
        f"bad {name}; it is {allowed}, also * for each, lists as 1,5, ranges as 1-5 from the "
        "lesser to the greater, and steps as */2"
    )


def _steps_beyond(text: str, fields: list[str]) -> list[str]:
    """Return the steps that leave one value only: who writes 90 minutes so means something else."""
    return [
        f"cron is {text!r}: the step {step} in {name} is beyond its {count} values, so only the "
        "first of them is left; write that one"
        for field, (name, (count, _)) in zip(fields, FIELDS.items(), strict=True)
        for step in STEP.findall(field)
        if int(step) >= count
    ]
