"""Whether a pair goes on as sponsorship, and that it does."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core import outbox
from app.core.locale import date_text
from app.core.outbox import Delivery, Recipient
from app.mentoring.messages.base import partners
from app.mentoring.messages.lifecycle import Step, in_state
from app.mentoring.models import Relationship
from app.mentoring.queries.sponsorship import is_asked
from app.mentoring.rules import LIVE
from app.mentoring.rules.sponsorship import ASKED_FOR


def _question(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    day = date_text(pair.sponsorship_asked_at + ASKED_FOR) if pair.sponsorship_asked_at else ""
    return (
        _("Do you and %(names)s want to go on as sponsorship?", names=partners(pair, to)),
        _("A sponsor does more than advise: introduces, nominates, speaks for somebody."),
        _("Answer for yourself until %(day)s. Nobody ever sees a no.", day=day),
    )


def _opened(pair: Relationship, to: Recipient) -> tuple[str, ...]:
    return (
        _("You and %(names)s both want sponsorship.", names=partners(pair, to)),
        _("Write down together what is done, when, and what comes of it. Only you two read it."),
    )


def _wanted(pair: Relationship, _delivery: Delivery) -> bool:
    return is_asked(pair)


STEPS = (
    Step("sponsorship_question", _l("A question for you"), _question, _wanted),
    Step(
        "sponsorship_opened",
        _l("A change in your mentoring"),
        _opened,
        in_state(*LIVE),
        "sponsorship",
    ),
)
for _each in STEPS:
    outbox.kinds.add(_each.name, _each)
