"""Lines of the desk: somebody asked about access. Nothing of what they said stands here."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.attendance import queries
from app.attendance.models import AccessNeed
from app.attendance.rules import NeedState
from app.core import clock
from app.core.locale import current_language
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.registry import DeskItem, desk
from app.ergs.rules import LEADING, RoleName, pick_text
from app.events import queries as events
from app.events.models import Event, Occurrence
from app.events.rules import OccurrenceState

LIMIT = 20


def on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """To the access lead, or the leads where there is none: how many wait, and for which date."""
    mine = standing(db, actor)
    served = {erg_id for erg_id in mine.roles if mine.holds(erg_id, *LEADING, RoleName.ACCESS_LEAD)}
    if actor.is_external or not served:
        return []
    dates = list(
        db.scalars(
            select(Occurrence)
            .join(Event, Event.id == Occurrence.event_id)
            .where(
                Occurrence.ends_at > clock.now(),
                Occurrence.state == OccurrenceState.SCHEDULED,
                events.hosted_by(served),
                _is_waited_for(),
            )
            .order_by(Occurrence.starts_at, Occurrence.id)
            .limit(LIMIT)
            .options(events.WITH_WORDS, events.WITH_HOSTS)
        ).unique()
    )
    read = [row for row in dates if queries.reads_needs(db, mine, row.event)]
    waiting = queries.open_needs(db, [row.id for row in read])
    return [_item(row, waiting[row.id], served) for row in read if waiting.get(row.id)]


def _is_waited_for() -> ColumnElement[bool]:
    return exists().where(
        AccessNeed.occurrence_id == Occurrence.id, AccessNeed.state == NeedState.OPEN
    )


def _item(occurrence: Occurrence, number: int, served: set) -> DeskItem:
    event = occurrence.event
    host = next(erg for erg in event.accepted_hosts if erg.id in served)
    text = pick_text(event.texts, current_language().tag)
    return DeskItem(
        id=f"access-{occurrence.id}",
        topic="events",
        erg_id=host.id,
        group=_name(host),
        title=text.title if text else _("Event"),
        text=ngettext(
            "%(num)s question about access waits for an answer",
            "%(num)s questions about access wait for an answer",
            number,
        ),
        since=event.created_at,
        due=occurrence.starts_at,
        url=url_for("attendance.access", occurrence_id=occurrence.id),
        icon="accessibility",
    )


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


desk.add("attendance", on_desk)
