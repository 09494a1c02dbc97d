"""Finds a caller's newest run that has begun, so that callers' runs are taken in turns."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        op.f("ix_runs_caller_started_at"), "runs", ["caller", "started_at"], unique=False
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_index(op.f("ix_runs_caller_started_at"), table_name="runs")
