"""What plans add to home, groups and the leads' desk, and to somebody's leaving."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core import clock, hints
from app.core.locale import current_language, date_text
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.registry import DeskItem, Place, desk, leavings, places
from app.ergs.rules import pick_text
from app.events.registry import copyings
from app.plans import queries, services
from app.plans.models import Initiative, Recommendation
from app.plans.rules import RecommendationState, is_overdue


def to_answer(db: Session, actor: Actor) -> list[AgendaItem]:
    """To whoever is asked: what waits for their public answer."""
    if actor.person_id is None or actor.is_external:
        return []
    today = clock.now().date()
    return [
        AgendaItem(
            section="answer",
            when=clock.end_of_day(row.due_on),
            day=row.due_on,
            title=row.title,
            text=_("Your public answer was due on %(day)s.", day=date_text(row.due_on))
            if is_overdue(row.due_on, today)
            else _("Your public answer is wanted by %(day)s.", day=date_text(row.due_on)),
            url=url_for("plans.recommendation", recommendation_id=row.id),
            icon="lightbulb",
        )
        for row in queries.to_answer(db, actor.person_id)
    ]


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """Initiatives past their day, and answers that did not come."""
    led = standing(db, actor).led
    if not led or actor.is_external:
        return []
    late = [_late_initiative(*row) for row in queries.late_initiatives(db, led)]
    return late + [_late_answer(*row) for row in queries.late_answers(db, led)]


def _late_initiative(row: Initiative, erg: Erg) -> DeskItem:
    assert row.due_on is not None
    return _item(
        row,
        erg,
        _("This initiative was due on %(day)s.", day=date_text(row.due_on)),
        url_for("plans.initiative", initiative_id=row.id),
        "target",
    )


def _late_answer(row: Recommendation, erg: Erg) -> DeskItem:
    return _item(
        row,
        erg,
        _("The answer was due on %(day)s.", day=date_text(row.due_on)),
        url_for("plans.recommendation", recommendation_id=row.id),
        "lightbulb",
    )


def _item(row: Any, erg: Erg, text: str, url: str, icon: str) -> DeskItem:
    words = pick_text(erg.texts, current_language().tag)
    return DeskItem(
        id=f"plan-{row.id}",
        topic="plans",
        erg_id=erg.id,
        group=words.name if words else erg.slug,
        title=row.title,
        text=text,
        since=clock.end_of_day(row.due_on),
        due=clock.end_of_day(row.due_on),
        day=row.due_on,
        url=url,
        icon=icon,
    )


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Recommendation.owner_id == hints.person(),
        Recommendation.state == RecommendationState.OPEN,
    )


agenda_hints.add("plans", _may_speak)
agenda.add("plans", to_answer)
desk.add("plans", on_desk)
leavings.add("plans", services.forget_owner)
places.add("plans", Place("plans.index", _l("Plan"), "target", 50))
places.add(
    "recommendations", Place("plans.recommendations", _l("You said, we did"), "lightbulb", 60)
)
copyings.add("plans", services.link_copy)
