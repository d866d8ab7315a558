"""What planning and upper domains add to an event's page."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.core.database import reading
from app.core.locale import current_language, format_list
from app.core.policies import current_actor
from app.ergs.models import Erg
from app.ergs.queries import standing
from app.ergs.rules import Discovery, pick_text
from app.events import forms, queries
from app.events.models import Event, Occurrence
from app.events.registry import Extra, extras, sections
from app.events.rules import Audience


def added(occurrence: Occurrence) -> dict[str, Any]:
    """For whom it is, in a sentence; the sections that this reader gets."""
    db, actor = reading(), current_actor()
    found = [provide(db, actor, occurrence) for _name, provide in sections]
    return {
        "for_whom": for_whom(occurrence.event),
        "sections": [section for section in found if section is not None],
    }


def extras_of(occurrence: Occurrence, *, fresh: bool = False) -> list[Extra]:
    """What upper domains ask this reader beside the answer."""
    db, actor = reading(), current_actor()
    found = [provide(db, actor, occurrence, fresh) for _name, provide in extras]
    return [extra for extra in found if extra is not None]


def for_whom(event: Event) -> str:
    """Who may come; groups that are a secret to the reader are not named."""
    if event.audience is Audience.COMPANY:
        return str(forms.AUDIENCES[event.audience])
    mine = standing(reading(), current_actor())
    invited, limited_to = queries.members_of(reading(), event)
    known = [e for e in invited if e.discovery is Discovery.LISTED or e.id in mine.known]
    groups = [*queries.visible_hosts(event, mine), *known]
    chapters = [_in_language(chapter.names) for chapter in limited_to]
    if not groups:
        return str(forms.AUDIENCES[event.audience])
    names = format_list(_name(erg) for erg in groups)
    if chapters:
        return _(
            "Members of %(groups)s, in these chapters: %(chapters)s",
            groups=names,
            chapters=format_list(chapters),
        )
    return _("Members of %(groups)s", groups=names)


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def _in_language(names: dict[str, Any]) -> str:
    return str(names.get(current_language().tag) or names["en"])
