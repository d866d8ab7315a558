"""What home says of messages that wait."""

from __future__ import annotations

import flask
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.accounts.messages import shown_name
from app.core.locale import format_list
from app.core.policies import Actor
from app.core.registries import AgendaItem, agenda, agenda_hints
from app.mentoring.queries.messages import is_waiting, waiting_for


def unread(db: Session, actor: Actor) -> list[AgendaItem]:
    """One line for each relationship in which something waits to be read."""
    return [
        AgendaItem(
            section="answer",
            when=latest,
            icon="message-circle",
            title=ngettext("%(num)s message for you", "%(num)s messages for you", number),
            text=_(
                "In your conversation with %(names)s",
                names=format_list([shown_name(m.person) for m in pair.others(actor.person_id)]),
            ),
            url=flask.url_for("mentoring.messages", relationship_id=pair.id),
        )
        for pair, number, latest in waiting_for(db, actor)
    ]


agenda_hints.add("messages", is_waiting)


agenda.add("messages", unread)
