"""The questions of the enrollment, asked once more at the end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import app.core.database

revision = "0008"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "enrollment_final",
        sa.Column("enrollment_id", sa.Uuid(), nullable=False),
        sa.Column("belonging", sa.Integer(), nullable=True),
        sa.Column("safety", sa.Integer(), nullable=True),
        sa.Column("growth", sa.Integer(), nullable=True),
        sa.Column("goals", sa.Integer(), nullable=True),
        sa.Column(
            "reached",
            sa.Enum("all", "some", "none", "no_goals", name="reached", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("begun_at", app.core.database.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_enrollment_final_enrollment_id")
        ),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_enrollment_final")),
    )


def downgrade() -> None:
    op.drop_table("enrollment_final")
