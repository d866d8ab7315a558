"""What events pass on to those who will lead a group."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import clock
from app.core.policies import Actor
from app.ergs.models import Erg
from app.ergs.registry import HandoverSection, handover_sections
from app.events import queries
from app.events.models import Event, Occurrence
from app.events.rules import EventState


def pass_on(db: Session, _actor: Actor, erg: Erg) -> HandoverSection:
    """How many dates lie ahead, drafts included."""
    ahead = db.scalar(
        select(func.count())
        .select_from(Occurrence)
        .join(Event, Event.id == Occurrence.event_id)
        .where(
            queries.hosted_by({erg.id}),
            Occurrence.ends_at > clock.now(),
            Event.state != EventState.CANCELED,
        )
    )
    line = ngettext("%(num)s event lies ahead.", "%(num)s events lie ahead.", ahead or 0)
    return HandoverSection(
        _("Events"),
        [line if ahead else _("No event lies ahead.")],
        url_for("events.index", group=erg.slug),
    )


handover_sections.add("events", pass_on)
