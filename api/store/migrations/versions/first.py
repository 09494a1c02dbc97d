"""Runs, plans, publications and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

RUN = "'created', 'queued', 'solving', 'solved', 'failed', 'cancelled'"
PUBLICATION = "'draft', 'submitted', 'approved', 'rejected', 'published', 'superseded'"


def _moment(name: str, *, needed: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not needed)


def upgrade() -> None:
    """Make the tables, and the one row of each of the two that have one."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("payload_hash", sa.String(64), nullable=False),
        sa.Column("publishes", sa.Boolean(), nullable=False),
        sa.Column("caller", sa.String(255), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(255), nullable=True),
        _moment("lease_until"),
        sa.Column("progress", sa.JSON(), nullable=True),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        _moment("created_at", needed=True),
        _moment("queued_at"),
        _moment("started_at"),
        _moment("progressed_at"),
        _moment("ended_at"),
        sa.CheckConstraint(f"status IN ({RUN})", name=op.f("ck_runs_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint(
            "caller", "idempotency_key", name=op.f("uq_runs_caller_idempotency_key")
        ),
    )
    op.create_index(op.f("ix_runs_status_queued_at"), "runs", ["status", "queued_at"])
    op.create_table(
        "plans",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("directory", sa.String(), nullable=False),
        _moment("created_at", needed=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_plans_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("run_id", name=op.f("uq_plans_run_id")),
    )
    op.create_table(
        "publications",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("plan_id", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        _moment("created_at", needed=True),
        _moment("published_at"),
        sa.CheckConstraint(f"status IN ({PUBLICATION})", name=op.f("ck_publications_status")),
        sa.CheckConstraint(
            "(number IS NOT NULL) = (status IN ('published', 'superseded'))",
            name=op.f("ck_publications_number"),
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_publications_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("number", name=op.f("uq_publications_number")),
    )
    current = op.create_table(
        "current",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.String(32), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_current_one_row")),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_current_publication_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_current")),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at", needed=True),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    audit_head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(current, [{"id": 1, "number": 0, "publication_id": None}])
    op.bulk_insert(audit_head, [{"id": 1, "number": 0, "hash": "0" * 64}])


def downgrade() -> None:
    """Drop the tables."""
    for table in ("audit_head", "audit", "current", "publications", "plans", "runs"):
        op.drop_table(table)
