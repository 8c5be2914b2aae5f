"""How a person's last page went, and when they came back: three things that staff are shown as three.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("contact", sa.Column("left_how", sa.String(), nullable=True))
    op.add_column("contact", sa.Column("back_at", sa.DateTime(timezone=True), nullable=True))
