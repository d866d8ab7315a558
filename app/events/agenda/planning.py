"""What planning lays on the desk and at home: other groups ask to host together."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from app.core.locale import current_language, datetime_text
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.ergs.agenda.bundles import on_desk
from app.ergs.models import Erg
from app.ergs.queries import roles_held, standing
from app.ergs.registry import DeskAct, DeskItem, desk
from app.ergs.rules import pick_text
from app.events import approving, queries
from app.events.agenda.base import title_of
from app.events.models import EventHost
from app.events.queries import AskedHost
from app.events.rules import HostState


def questions_on_desk(db: Session, actor: Actor) -> list[DeskItem]:
    """To leads: groups that ask theirs to host an event with them."""
    led = standing(db, actor).led
    if actor.is_external or not led:
        return []
    return [_line(asked) for asked in queries.asked_of(db, led)]


def _line(asked: AskedHost) -> DeskItem:
    occurrence, row = asked.occurrence, asked.row
    where = {"occurrence_id": occurrence.id, "erg_id": row.erg_id}
    accept = DeskAct(_("Host it together"), url_for("events.accept_host", **where), "primary")
    decline = DeskAct(_("Not this time"), url_for("events.decline_host", **where), "quiet")
    # What a yes means for a confidential group is read before it is given.
    acts = () if row.erg.is_discreet else (accept, decline)
    return DeskItem(
        id=f"host-{occurrence.id}-{row.erg_id}",
        topic=_("Hosting together"),
        erg_id=row.erg_id,
        group=_name(row.erg),
        title=title_of(occurrence.event),
        text=_("Another group asks yours to host this with them."),
        since=row.asked_at or occurrence.event.created_at,
        due=occurrence.starts_at,
        url=url_for("events.asked", **where),
        icon="users",
        acts=acts,
    )


def questions_at_home(db: Session, actor: Actor) -> list[AgendaItem]:
    """The same at home, as something to answer."""
    if actor.person_id is None or actor.is_external:
        return []
    led = standing(db, actor).led
    queue = on_desk(db, actor, "event_hosts", _("Hosting together"), _all_asked)
    return [
        AgendaItem(
            section="answer",
            when=asked.occurrence.starts_at,
            title=title_of(asked.occurrence.event),
            text=_(
                "%(group)s is asked to host this with another group. It starts %(time)s.",
                group=_name(asked.row.erg),
                time=datetime_text(asked.occurrence.starts_at),
            ),
            url=url_for("events.asked", occurrence_id=asked.occurrence.id, erg_id=asked.row.erg_id),
            icon="users",
            bundle=queue,
        )
        for asked in (queries.asked_of(db, led) if led else [])
    ]


def _all_asked(n: int) -> str:
    return ngettext(
        "%(num)s event to host together with another group",
        "%(num)s events to host together with other groups",
        n,
    )


def _may_ask() -> ColumnElement[bool]:
    """Whether home has to look at all."""
    return exists().where(EventHost.state == HostState.ASKED, EventHost.erg_id.in_(roles_held()))


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


agenda_hints.add("event_hosts", _may_ask)
agenda.add("event_hosts", questions_at_home)
desk.add("event_hosts", questions_on_desk)

__all__ = ["approving"]
