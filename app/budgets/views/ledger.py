"""The ledger: list and files. It names nobody; who decided stands with each request."""

from __future__ import annotations

import flask
from flask_babel import gettext as _

from app.audit import services as audit
from app.budgets import forms, policies, queries
from app.budgets.models import BudgetEntry
from app.budgets.views.base import base, bp, wanted
from app.core import money
from app.core.database import reading, writing
from app.core.exports import Cell, csv_file, xlsx_file
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.ergs.models import Erg
from app.ergs.queries import erg_for


@bp.get("/ergs/<slug>/budget/ledger/")
@guarded_by(policies.may_see_money, find=erg_for)
def ledger(erg: Erg) -> flask.Response:
    """Every entry, the newest first."""
    db, asked = reading(), wanted()
    return page(
        "budgets/ledger.html",
        fragment="budgets/_ledger.html",
        listing=queries.ledger(db, erg, asked),
        cycles=queries.cycles(db, erg),
        wanted=asked,
        **base(erg),
    )


@bp.get("/ergs/<slug>/budget/ledger.csv")
@guarded_by(policies.may_see_money, find=erg_for)
def ledger_csv(erg: Erg) -> flask.Response:
    """The filtered ledger as CSV."""
    return csv_file("ledger", _columns(), _exported(erg))


@bp.get("/ergs/<slug>/budget/ledger.xlsx")
@guarded_by(policies.may_see_money, find=erg_for)
def ledger_xlsx(erg: Erg) -> flask.Response:
    """The filtered ledger as a sheet."""
    return xlsx_file("ledger", _columns(), _exported(erg))


def _columns() -> list[str]:
    return [
        _("Time"),
        _("Cycle"),
        _("Purpose"),
        _("Kind"),
        _("Request"),
        _("Amount"),
        _("Currency"),
        _("Asked amount"),
        _("Asked currency"),
        _("Rate"),
        _("Day of the rate"),
        _("Note"),
    ]


def _exported(erg: Erg) -> list[list[Cell]]:
    """The rows; that they were taken out is recorded first."""
    slug, actor = erg.slug, current_actor()
    subject = ("erg", erg.id)
    with writing() as db:
        audit.record(db, actor.person_id, "export_ledger", subject)
    found = erg_for(reading(), actor, slug)
    assert found is not None
    rows = reading().scalars(queries.ledger_rows(found, wanted()))
    return [_cells(found, entry) for entry in rows]


def _cells(erg: Erg, entry: BudgetEntry) -> list[Cell]:
    currency = entry.line.cycle.currency
    original = entry.original_currency
    return [
        entry.at,
        entry.line.cycle.name,
        forms.line_name(erg, entry.line),
        str(forms.KINDS[entry.kind]),
        entry.request.title if entry.request else "",
        money.major(entry.amount, currency),
        currency,
        money.major(entry.original_amount or 0, original) if original else None,
        original,
        entry.rate,
        entry.rate_day,
        entry.note,
    ]
