"""Finding somebody in a large group: who is seen there is answered by an index alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index(
        "ix_membership_open_seen",
        "membership",
        ["erg_id", "person_id", "visibility", "state"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_membership_open_seen", table_name="membership")
