"""The audit log is sealed in order, and any change to it is found."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from app.audit import services
from app.audit.jobs import seal_audit
from app.audit.models import AuditEvent
from app.core import ids
from app.core.database import reading, writing


@pytest.fixture
def log(context):
    """Seven sealed acts."""
    for number in range(7):
        with writing() as db:
            services.record(db, None, "acted", ("thing", ids.new_id()), reason=f"act {number}")
    seal_audit()
    return context


def whole() -> int | None:
    with writing() as db:
        return services.broken_at(db)


def test_a_sealed_log_is_whole_and_sealing_twice_changes_nothing(log) -> None:
    before = reading().scalars(select(AuditEvent.seal).order_by(AuditEvent.position)).all()
    seal_audit()
    assert whole() is None and len(set(before)) == 7
    assert before == reading().scalars(select(AuditEvent.seal).order_by(AuditEvent.position)).all()


def test_later_acts_continue_the_chain(log) -> None:
    with writing() as db:
        services.record(db, None, "acted", ("thing", None))
    seal_audit()
    assert whole() is None
    assert reading().scalar(select(func.max(AuditEvent.position))) == 8


@pytest.mark.parametrize("column", ["reason", "verb", "subject_type", "before", "after"])
def test_a_changed_row_is_found(log, column) -> None:
    with writing() as db:
        db.execute(update(AuditEvent).where(AuditEvent.position == 4).values({column: "other"}))
    assert whole() == 4


def test_a_removed_row_is_found(log) -> None:
    with writing() as db:
        db.execute(delete(AuditEvent).where(AuditEvent.position == 3))
    assert whole() == 3


def test_two_swapped_rows_are_found(log) -> None:
    with writing() as db:
        a, b = (db.scalar(select(AuditEvent).where(AuditEvent.position == n)) for n in (2, 5))
        a.reason, b.reason = b.reason, a.reason
    assert whole() == 2


def test_a_cut_off_end_is_found_against_a_checkpoint_kept_outside(log) -> None:
    with writing() as db:
        kept = services.checkpoint(db)
        assert services.holds(db, kept)
        db.execute(delete(AuditEvent).where(AuditEvent.position > 5))
    assert whole() is None, "a chain alone cannot miss what was cut off"
    with writing() as db:
        assert not services.holds(db, kept)


def test_the_past_cannot_be_rewritten_under_a_checkpoint(log) -> None:
    with writing() as db:
        kept = services.checkpoint(db)
        db.execute(update(AuditEvent).values(position=None, seal=None))
        db.execute(update(AuditEvent).where(AuditEvent.reason == "act 3").values(reason="clean"))
    seal_audit()
    assert whole() is None
    with writing() as db:
        assert not services.holds(db, kept)
