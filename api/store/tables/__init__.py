"""The tables, one concept a file."""

from api.store.tables.access import KeyRow, LoginFailureRow, SessionRow, SignInRow
from api.store.tables.answers import AnswerRow
from api.store.tables.audit import AuditHeadRow, AuditRow
from api.store.tables.feedback import FeedbackRow
from api.store.tables.files import FileRow
from api.store.tables.inputs import PolicyRow, ScenarioRow, SnapshotRow
from api.store.tables.pins import PinRow
from api.store.tables.plans import PlanRow
from api.store.tables.publications import CurrentRow, PublicationRow, PublicationStatus
from api.store.tables.runs import RunRow, RunStatus
from api.store.tables.schedules import ScheduleRow, SlotRow, SlotStatus
from api.store.tables.transfers import TransferKind, TransferRow

__all__ = [
    "AnswerRow",
    "AuditHeadRow",
    "AuditRow",
    "CurrentRow",
    "FeedbackRow",
    "FileRow",
    "KeyRow",
    "LoginFailureRow",
    "PinRow",
    "PlanRow",
    "PolicyRow",
    "PublicationRow",
    "PublicationStatus",
    "RunRow",
    "RunStatus",
    "ScenarioRow",
    "ScheduleRow",
    "SessionRow",
    "SignInRow",
    "SlotRow",
    "SlotStatus",
    "SnapshotRow",
    "TransferKind",
    "TransferRow",
]
