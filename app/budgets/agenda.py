"""What budgets add to groups: a place among the tabs, lines on the leads' desk."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.budgets import of_event, queries
from app.budgets.queries import HANDLING
from app.core.locale import current_language, format_money
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.registry import DeskAct, DeskItem, Place, desk, places
from app.ergs.rules import pick_text


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """Requests that wait for this person's decision; spending not reconciled for a month."""
    mine = standing(db, actor)
    handled = {erg_id for erg_id in mine.roles if mine.holds(erg_id, *HANDLING)}
    if not handled or actor.is_external:
        return []
    waiting = [_waiting(*row) for row in queries.waiting(db, actor, handled)]
    return waiting + [_unreconciled(*row) for row in queries.unreconciled(db, handled)]


def _waiting(request: Any, erg: Erg) -> DeskItem:
    address = url_for("budgets.request", request_id=request.id)
    return DeskItem(
        id=f"budget-{request.id}",
        topic=_("Money"),
        erg_id=erg.id,
        group=_name(erg),
        title=request.title,
        text=_(
            "Asks for %(amount)s. Nobody decides about their own request.",
            amount=format_money(request.amount, request.currency),
        ),
        since=request.changed_at,
        url=address,
        icon="wallet",
        acts=(
            DeskAct(
                _("Approve"),
                url_for("budgets.approve", request_id=request.id),
                "primary",
                "check",
            ),
        ),
    )


def _unreconciled(request: Any, erg: Erg) -> DeskItem:
    return DeskItem(
        id=f"budget-{request.id}",
        topic=_("Money"),
        erg_id=erg.id,
        group=_name(erg),
        title=request.title,
        text=_("Spent more than 30 days ago. Compare the receipt with the books."),
        since=request.changed_at,
        url=url_for("budgets.request", request_id=request.id),
        icon="receipt",
    )


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


places.add("budgets", Place("budgets.index", _l("Budget"), "wallet", 70))
desk.add("budgets", on_desk)

__all__ = ["of_event"]
