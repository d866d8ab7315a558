"""What home and a cohort's desk say of pairs that may need an organizer."""

from __future__ import annotations

from uuid import UUID

import flask
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.core.policies import Actor
from app.core.registries import AgendaItem, Bundle, agenda, agenda_hints
from app.mentoring.queries import risks
from app.programs.registry import cohort_pages


def _title(number: int) -> str:
    return ngettext("%(num)s pair may need you", "%(num)s pairs may need you", number)


def pairs_at_risk(db: Session, actor: Actor) -> list[AgendaItem]:
    """One line for all open flags that nobody else looks after."""
    number, first = risks.waiting(db, actor)
    if not number or first is None:
        return []
    url = flask.url_for("mentoring.risks")
    return [
        AgendaItem(
            section="answer",
            when=first,
            icon="flag",
            title=_title(number),
            text=_("See what a rule has seen, and what you can do."),
            url=url,
            bundle=Bundle("mentoring_risks", _title, url),
            count=number,
        )
    ]


def risks_page(cohort_id: UUID) -> tuple[str, str]:
    """The flags of a cohort, on its desk."""
    return _("Pairs that may need you"), flask.url_for(
        "mentoring.cohort_risks", cohort_id=cohort_id
    )


agenda_hints.add("mentoring_risks", risks.may_wait)
agenda.add("mentoring_risks", pairs_at_risk)
cohort_pages.add("mentoring_risks", risks_page)
