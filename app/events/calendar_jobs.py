"""Sweeps of calendars: answers that arrive by mail, and the summary of a morning."""

from __future__ import annotations

import hashlib

import flask
import structlog
from sqlalchemy.exc import OperationalError

from app.core.database import end_reading, reading, writing
from app.core.errors import Refused
from app.core.jobs import sweep
from app.events import mailbox, replies
from app.events.services import replies as services
from app.events.services import summaries

log = structlog.get_logger()


@sweep("calendar_replies", every=60)
def read_replies() -> None:
    """Read what calendars answered; a mail that cannot be used is set aside, never in the way."""
    where = flask.current_app.extensions["settings"].reply_mailbox
    if not where:
        return
    try:
        with mailbox.opened(where) as box:
            for key, content in box.mails():
                box.close(key, is_usable=take(content) not in services.ASIDE)
    except (mailbox.Unreadable, OSError) as error:
        log.warning("reply_mailbox", reason=type(error).__name__)


def take(content: bytes) -> str:
    """What became of one mail; the same mail twice counts once."""
    digest = hashlib.sha256(content).digest()
    seen = services.was_read(reading(), digest)
    end_reading()
    if seen:
        return services.SAME
    try:
        found = replies.read(content)
        with writing() as db:
            return services.take_reply(db, digest=digest, found=found)
    except replies.Unusable:
        outcome = services.UNUSABLE
    except Refused:
        with writing() as db:
            services.tell_refused(db, digest=digest, found=found)
        return services.REFUSED
    except OperationalError:
        raise
    except Exception as error:
        log.warning("reply_failed", error=type(error).__name__)
        outcome = services.UNUSABLE
    with writing() as db:
        services.note_reply(db, digest=digest, outcome=outcome)
    return outcome


@sweep("event_summaries", every=900)
def sum_up() -> None:
    """Write the summaries of those who wake up now and have something ahead."""
    for person_id, day in summaries.due(reading()):
        with writing() as db:
            summaries.put(db, person_id=person_id, day=day)
