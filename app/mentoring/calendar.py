"""Calendar entries of sessions: one for each person, discreet, updated, and gone when canceled.

The UID of a person's entry never changes, `Meeting.revision` is its SEQUENCE: a moved session is
updated where it stands, a canceled one vanishes. The clock is that of whoever reads.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

import flask
from flask_babel import gettext as _

from app.accounts.messages import shown_name
from app.core.locale import current_zone, format_list
from app.core.outbox import Attachment, Recipient
from app.events import calendar_links, ical
from app.mentoring.models import Meeting
from app.mentoring.rules import SessionState


def entry_of(meeting: Meeting, person_id: UUID, *, is_discreet: bool) -> ical.Entry:
    """One person's entry as it is now, in the language and zone being spoken.

    Whoever wants that reads only when it is, and where the page is.
    """
    settings = flask.current_app.extensions["settings"]
    url = f"{settings.base_url}/mentoring/sessions/{meeting.id}/"
    names = format_list([shown_name(member.person) for member in meeting.pair.others(person_id)])
    return ical.Entry(
        uid=f"{uuid5(meeting.id, person_id.hex)}@{ical.UID_HOST}",
        sequence=meeting.revision,
        starts_at=meeting.starts_at,
        ends_at=meeting.starts_at + timedelta(minutes=meeting.minutes),
        zone=current_zone().key,
        url=url,
        stamp=meeting.changed_at or meeting.created_at,
        summary=_("Private appointment")
        if is_discreet
        else _("Session with %(names)s", names=names),
        description=_described(meeting, url, is_discreet=is_discreet),
        location="" if is_discreet else meeting.place,
        is_private=True,
        is_canceled=meeting.state is SessionState.CANCELED,
    )


def _described(meeting: Meeting, url: str, *, is_discreet: bool) -> str:
    """Where the page is; to whoever reads more than the time, also what the group talks about."""
    where: str = _("Details are on this page: %(url)s", url=url)
    if not meeting.topic or is_discreet:
        return where
    return "\n".join((_("Topic: %(topic)s", topic=meeting.topic), where))


def attachment(entry: ical.Entry, method: str, to: Recipient) -> Attachment:
    """The entry as a mail carries it: REQUEST puts or updates it, CANCEL takes it away."""
    settings = flask.current_app.extensions["settings"]
    sender = settings.mail_from.rpartition("<")[2].rstrip(">")
    parties = ical.Parties(sender, "Trellis", to.email or "", to.name)
    content = ical.calendar([entry], method=method, parties=parties)
    return Attachment("session.ics", "text/calendar", content, method)


def links_of(entry: ical.Entry) -> dict[str, str]:
    """Addresses of other calendars' forms: the time and one neutral word, no name and no place."""
    neutral = replace(entry, summary=_("Session"), description="", location="", is_private=False)
    return calendar_links.links_for(neutral)
