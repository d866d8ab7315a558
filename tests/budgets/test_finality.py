"""Nobody changes the ledger, not even with SQL of their own; people can still come and go."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.accounts.services.departure import deactivate
from app.budgets import services
from app.budgets.finality import REFUSAL, make_changeable, make_final
from app.ergs.rules import RoleName
from tests.factories.accounts import make_person
from tests.factories.budgets import make_cycle, make_request
from tests.factories.ergs import make_erg, make_role


@pytest.fixture
def ana(write):
    """A treasurer whose request was approved, with its lines in the ledger."""
    with write() as db:
        lead, ana = (make_person(db, f"{name} Test").id for name in ("Lead", "Ana"))
        make_person(db, "Admin Test", roles=("org_admin",))
        erg = make_erg(db, "women", lead=lead)
        make_role(db, erg, ana, RoleName.TREASURER)
        cycle = make_cycle(db, erg)
        row = make_request(db, cycle, ana)
        services.approve(db, lead, request_id=row.id)
        own = make_request(db, cycle, lead)
        services.approve(db, ana, request_id=own.id)
    return ana


def lines(write) -> list:
    with write() as db:
        return db.execute(text("SELECT * FROM budget_entry ORDER BY id")).all()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE budget_entry SET amount = 1",
        "UPDATE budget_entry SET note = 'x' WHERE amount > 0",
        "DELETE FROM budget_entry",
        "DELETE FROM budget_entry WHERE request_id IS NOT NULL",
    ],
)
def test_the_database_refuses_to_change_a_line(ana, write, statement) -> None:
    before = lines(write)
    assert len(before) >= 2
    with pytest.raises(DatabaseError, match=REFUSAL), write() as db:
        db.execute(text(statement))
    assert lines(write) == before


def test_the_ledger_outlives_those_who_wrote_it(ana, write) -> None:
    before = lines(write)
    assert any(row.by == ana for row in before) or any(row.by == ana.hex for row in before)
    with write() as db:
        deactivate(db, None, person_id=ana)
    assert lines(write) == before


def test_a_migration_can_open_and_close_it_again(ana, write) -> None:
    with write() as db:
        for _ in range(2):
            make_changeable(db.connection())
        db.execute(text("UPDATE budget_entry SET note = 'by a migration'"))
        for _ in range(2):
            make_final(db.connection())
    with pytest.raises(DatabaseError, match=REFUSAL), write() as db:
        db.execute(text("DELETE FROM budget_entry"))
