"""The questions of the enrollment, asked once more at the end; erasures that wait a week."""

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
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", app.core.database.UTCDateTime(), nullable=False),
        sa.Column("due_at", app.core.database.UTCDateTime(), nullable=False),
        sa.Column("done_at", app.core.database.UTCDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sa.UniqueConstraint("person_id", name=op.f("uq_erasure_person_id")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_due_at"))

    op.drop_table("erasure")
    op.drop_table("enrollment_final")
