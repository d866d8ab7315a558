"""What erased people's answers add to shares; imported sheets keep no rows of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.database

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "kept_outcome",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("month", app.core.database.UTCDateTime(), nullable=False),
        sa.Column("counts", app.core.database.JSON_TYPE, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_kept_outcome_cohort_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_outcome")),
    )
    with op.batch_alter_table("kept_outcome", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_outcome_cohort_id"), ["cohort_id"], unique=False)
    op.execute("UPDATE sign_up_sheet SET rows = '[]' WHERE state = 'done'")


def downgrade() -> None:
    with op.batch_alter_table("kept_outcome", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_outcome_cohort_id"))

    op.drop_table("kept_outcome")
