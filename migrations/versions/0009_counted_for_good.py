"""What counts in a total counts for good: when a second term began, and the baseline beside answers.

Closing questions are kept per end, not per enrollment: cohorts without end ask at later ends too.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import app.core.database

revision = "0009"
down_revision = "0008"

MEASURES = ("belonging", "safety", "growth", "goals")


def upgrade() -> None:
    with op.batch_alter_table("relationship", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("renewed_at", app.core.database.UTCDateTime(), nullable=True)
        )
    with op.batch_alter_table("enrollment_final", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "before", app.core.database.JSON_TYPE, nullable=False, server_default=sa.text("'{}'")
            )
        )
    with op.batch_alter_table("kept_outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.Uuid(), nullable=True))
    _fill()
    with op.batch_alter_table("kept_outcome", schema=None) as batch_op:
        batch_op.alter_column("key", existing_type=sa.Uuid(), nullable=False)
    _key_by("enrollment_id", "begun_at")


def _key_by(*columns: str) -> None:
    """Another primary key, and no default for what the app always says."""
    with op.batch_alter_table("enrollment_final", schema=None) as batch_op:
        batch_op.drop_constraint("pk_enrollment_final", type_="primary")
        batch_op.create_primary_key("pk_enrollment_final", list(columns))
        if "begun_at" in columns:
            batch_op.alter_column(
                "before", existing_type=app.core.database.JSON_TYPE, server_default=None
            )


def _fill() -> None:
    """Second terms began as many months before their end as a term has; baselines are copied."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE kept_outcome SET key = id"))
    pair, final = (
        sa.table(
            "relationship",
            sa.column("id", sa.Uuid()),
            sa.column("cohort_id", sa.Uuid()),
            sa.column("term", sa.Integer()),
            sa.column("ends_on", sa.Date()),
            sa.column("renewed_at", app.core.database.UTCDateTime()),
        ),
        sa.table(
            "enrollment_final",
            sa.column("enrollment_id", sa.Uuid()),
            sa.column("before", app.core.database.JSON_TYPE),
        ),
    )
    cohort = sa.table("cohort", sa.column("id", sa.Uuid()), sa.column("program_id", sa.Uuid()))
    program = sa.table("program", sa.column("id", sa.Uuid()), sa.column("months", sa.Integer()))
    renewed = (
        sa.select(pair.c.id, pair.c.ends_on, pair.c.term, program.c.months)
        .join(cohort, cohort.c.id == pair.c.cohort_id)
        .join(program, program.c.id == cohort.c.program_id)
        .where(pair.c.term > 1, pair.c.ends_on.is_not(None))
    )
    for key, ends_on, term, months in connection.execute(renewed).all():
        year, month = divmod(ends_on.year * 12 + ends_on.month - 1 - months * (term - 1), 12)
        at = datetime(year, month + 1, min(ends_on.day, 28), tzinfo=UTC)
        connection.execute(sa.update(pair).where(pair.c.id == key).values(renewed_at=at))
    baseline = sa.table(
        "enrollment_baseline",
        sa.column("enrollment_id", sa.Uuid()),
        *(sa.column(name, sa.Integer()) for name in MEASURES),
    )
    for row in connection.execute(sa.select(baseline)).mappings().all():
        said = {name: row[name] for name in MEASURES}
        copied = sa.update(final).where(final.c.enrollment_id == row["enrollment_id"])
        connection.execute(copied.values(before=said))


def downgrade() -> None:
    op.execute(
        "DELETE FROM enrollment_final WHERE begun_at < (SELECT max(later.begun_at) "
        "FROM enrollment_final AS later WHERE later.enrollment_id = enrollment_final.enrollment_id)"
    )
    _key_by("enrollment_id")
    with op.batch_alter_table("kept_outcome", schema=None) as batch_op:
        batch_op.drop_column("key")
    with op.batch_alter_table("enrollment_final", schema=None) as batch_op:
        batch_op.drop_column("before")
    with op.batch_alter_table("relationship", schema=None) as batch_op:
        batch_op.drop_column("renewed_at")
