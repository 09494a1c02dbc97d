"""Versions of policies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from api.errors import NotFoundError
from api.store.audit import append_audit
from api.store.columns import new_id
from api.store.dialect import now
from api.store.tables import PolicyRow
from planner.policy import policy_from_text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from api.schemas.policies import NewPolicy
    from planner.policy import Policy


def add_policy(session: Session, new: NewPolicy, actor: str) -> PolicyRow:
    """Keep a policy as the next version of its name; PolicyError with every fault."""
    policy_from_text(new.text, new.name)
    newest = session.scalar(select(func.max(PolicyRow.version)).where(PolicyRow.name == new.name))
    row = PolicyRow(
        id=new_id(),
        name=new.name,
        version=(newest or 0) + 1,
        text=new.text,
        hash=hashlib.sha256(new.text.encode()).hexdigest(),
        created_at=now(session),
        created_by=actor,
    )
    session.add(row)
    detail = {"name": row.name, "version": row.version, "hash": row.hash}
    append_audit(session, actor, "policy_added", row.id, detail)
    return row


def get_policy(session: Session, policy_id: str) -> PolicyRow:
    """Return a version; NotFoundError if there is none."""
    row = session.get(PolicyRow, policy_id)
    if row is None:
        raise NotFoundError(f"there is no policy {policy_id!r}")
    return row


def newest_policy(session: Session, name: str) -> PolicyRow:
    """Return the newest version of a name; NotFoundError if there is none."""
    row = session.scalars(
        select(PolicyRow).where(PolicyRow.name == name).order_by(PolicyRow.version.desc()).limit(1)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no policy of the name {name!r}")
    return row


def parsed(row: PolicyRow) -> Policy:
    """Return what a version says."""
    return policy_from_text(row.text, row.name)
