"""What a calendar program answers to an invitation: a mail with METHOD:REPLY, read strictly.

The UID of an entry is random and stands only in its owner's invitation, feed and file; together
with the sender's own address it is what an answer is believed by; see
docs/calendar-and-notifications.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from uuid import UUID

from icalendar import Calendar

from app.events.ical import UID_HOST
from app.events.rules import Reply

LARGEST = 1024 * 1024
CALENDARS = ("text/calendar", "application/ics")
PARTSTATS = {"ACCEPTED": Reply.GOING, "TENTATIVE": Reply.MAYBE, "DECLINED": Reply.NO}


class Unusable(ValueError):
    """This mail is no answer to an invitation of ours; its text is a neutral word."""


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """One person's answer to one version of one entry."""

    entry_id: UUID
    sequence: int
    sender: str
    reply: Reply


def read(raw: bytes) -> CalendarReply:
    """The answer in a mail; raises Unusable for anything else, whatever is wrong with it."""
    if len(raw) > LARGEST:
        raise Unusable("too large")
    try:
        return _read(raw)
    except Unusable:
        raise
    except Exception as error:
        # Parsers fail in many ways on what strangers send; none of them may stop the queue.
        raise Unusable("not readable") from error


def _read(raw: bytes) -> CalendarReply:
    mail = message_from_bytes(raw, policy=default)
    found = [address.lower() for _, address in getaddresses(map(str, mail.get_all("From", [])))]
    if len(found) != 1 or "@" not in found[0]:
        raise Unusable("no sender")
    contents = list(_calendars(mail))
    if not contents:
        raise Unusable("no calendar")
    answers = {_answer(content, found[0]) for content in contents}
    if len(answers) != 1:
        raise Unusable("several answers")
    return answers.pop()


def _calendars(mail: EmailMessage) -> Iterator[bytes]:
    for part in mail.walk():
        if part.get_content_type() in CALENDARS:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _answer(content: bytes, sender: str) -> CalendarReply:
    calendar = Calendar.from_ical(content)
    entries = calendar.walk("VEVENT")
    if str(calendar.get("METHOD", "")).upper() != "REPLY" or len(entries) != 1:
        raise Unusable("no reply")
    [entry] = entries
    attendees = entry.get("ATTENDEE")
    if attendees is None or isinstance(attendees, list):
        raise Unusable("no attendee")
    if _address(str(attendees)) != sender:
        raise Unusable("for somebody else")
    reply = PARTSTATS.get(str(attendees.params.get("PARTSTAT", "")).upper())
    if reply is None:
        raise Unusable("no answer")
    return CalendarReply(_entry_id(str(entry["UID"])), int(entry.get("SEQUENCE", 0)), sender, reply)


def _address(value: str) -> str:
    scheme, _, address = value.partition(":")
    return address.strip().lower() if scheme.lower() == "mailto" else ""


def _entry_id(uid: str) -> UUID:
    name, _, host = uid.partition("@")
    if host != UID_HOST:
        raise Unusable("not ours")
    return UUID(name)
