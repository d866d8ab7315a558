"""What happened in a relationship, month by month."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import flask
from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.accounts.messages import shown_name
from app.core.database import reading
from app.core.locale import current_zone, datetime_text, month_text
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.mentoring.models import Relationship
from app.mentoring.policies import may_open_workspace
from app.mentoring.queries import relationship_for
from app.mentoring.queries.timeline import Entry, timeline_of
from app.mentoring.rules.timeline import Happened, Part
from app.mentoring.views.base import bp

PARTS = {
    Part.TOGETHER: _l("The two of you"),
    Part.SESSIONS: _l("Sessions"),
    Part.GOALS: _l("Goals"),
    Part.NOTES: _l("Notes"),
}
ICONS = {
    Happened.BEGUN: "sprout",
    Happened.JOINED: "user-plus",
    Happened.LEFT: "user-minus",
    Happened.SIGNED: "pencil",
    Happened.SETTLED: "route",
    Happened.PAUSED: "pause",
    Happened.RESUMED: "play",
    Happened.RENEWED: "repeat",
    Happened.CONCLUDING: "hourglass",
    Happened.COMPLETED: "award",
    Happened.ENDED: "circle-dot",
    Happened.REOPENED: "rotate-ccw",
    Happened.PLANNED: "calendar-plus",
    Happened.MOVED: "calendar-clock",
    Happened.CANCELED: "calendar-x",
    Happened.CLAIMED: "calendar-check",
    Happened.HELD: "calendar-check",
    Happened.GOAL_SET: "target",
    Happened.GOAL_REACHED: "flag",
    Happened.NOTE_SHARED: "notebook-pen",
}
OF_ALL: dict[Happened, Any] = {
    Happened.BEGUN: _l("You began."),
    Happened.SETTLED: _l("The time of getting to know each other is over: you go on."),
    Happened.PAUSED: _l("A pause began."),
    Happened.RESUMED: _l("The pause is over: you go on."),
    Happened.RENEWED: _l("Another term began."),
    Happened.CONCLUDING: _l("You began to look back."),
    Happened.COMPLETED: _l("You completed your time together. The certificate is ready."),
    Happened.ENDED: _l("It ended."),
    Happened.REOPENED: _l("You went on after all."),
}


@bp.get("/<uuid:relationship_id>/timeline")
@guarded_by(may_open_workspace, find=relationship_for)
def timeline(pair: Relationship) -> flask.Response:
    """What happened, the latest first, as this member may know it."""
    wanted, actor = request.args.get("show", ""), current_actor()
    part = Part(wanted) if wanted in list(Part) else None
    number = request.args.get("page", 1, type=int)
    found = timeline_of(reading(), actor, pair, part=part, number=number)
    names = {m.person_id: shown_name(m.person) for m in pair.members}
    return page(
        "mentoring/timeline.html",
        pair=pair,
        others=pair.others(actor.person_id),
        found=found,
        months=_by_month(found.entries, names),
        part=part,
        parts=PARTS,
        icons=ICONS,
    )


def _by_month(
    entries: list[Entry], names: dict[Any, str]
) -> list[tuple[str, list[tuple[Entry, str]]]]:
    here = current_zone()
    by_month = groupby(entries, lambda entry: entry.at.astimezone(here).date().replace(day=1))
    return [
        (month_text(first), [(entry, words(entry, names)) for entry in of_month])
        for first, of_month in by_month
    ]


def words(entry: Entry, names: dict[Any, str]) -> str:
    """A whole sentence for each kind of line; what people typed is shown beside it."""
    if entry.kind in OF_ALL:
        return str(OF_ALL[entry.kind])
    if entry.instant is not None:
        return _of_session(entry, datetime_text(entry.instant))
    name = names.get(entry.person_id, _("Somebody"))
    return {
        Happened.JOINED: _("%(name)s joined.", name=name),
        Happened.LEFT: _("%(name)s left.", name=name),
        Happened.SIGNED: _("%(name)s signed the agreement.", name=name),
        Happened.GOAL_SET: _("%(name)s set a goal.", name=name),
        Happened.GOAL_REACHED: _("%(name)s reached a goal.", name=name),
        Happened.NOTE_SHARED: _("%(name)s shared a note.", name=name),
    }[entry.kind]


def _of_session(entry: Entry, at: str) -> str:
    if entry.kind is Happened.PLANNED:
        return ngettext(
            "A session was planned for %(when)s.",
            "%(num)s sessions were planned in one go, the first for %(when)s.",
            entry.number,
            when=at,
        )
    return {
        Happened.MOVED: _("A session was moved. It now stands at %(when)s.", when=at),
        Happened.CANCELED: _("The session of %(when)s was canceled.", when=at),
        Happened.CLAIMED: _("A session; one of you says that you met."),
        Happened.HELD: _("You met."),
    }[entry.kind]
