"""Who waits is in somebody's sight: paging, declining, pausing, and who has heard nothing since the claim.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # Only added to: a table that others point at is never made anew (its rows would take theirs with them).
    op.add_column("queue_entry", sa.Column("band_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("queue_entry", sa.Column("unanswered_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "declined",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["queue_entry.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("place_id", "staff_id"),
    )
    op.create_table(
        "paging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("lease_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('trying', 'sent', 'failed')"),
        sa.ForeignKeyConstraint(["place_id"], ["queue_entry.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("place_id", "lease_no"),
    )
