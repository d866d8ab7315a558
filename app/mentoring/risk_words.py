"""What people read of rules, flags, plays and outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core.locale import date_text
from app.mentoring.rules import FlagState
from app.mentoring.rules.risks import Outcome, Play, Risk

RISKS: dict[Any, Any] = {
    Risk.FIRST_SESSION: _l("First session not booked"),
    Risk.SILENT: _l("Nothing heard for a long time"),
    Risk.NO_SESSION: _l("No session planned"),
    Risk.CANCELED_TWICE: _l("Canceled twice in a row"),
    Risk.LONG_GAP: _l("Long gap between sessions"),
    Risk.FALLING_CADENCE: _l("Sessions drift apart"),
    Risk.UNANSWERED: _l("A message waits for an answer"),
    Risk.GOAL_STUCK: _l("No step towards a shared goal"),
    Risk.NO_GOAL: _l("No goal yet"),
    Risk.FEEDBACK: _l("Sessions that help less"),
}
LOOKS_AT = {
    Risk.FIRST_SESSION: _l("Whether a first session has a time, ten days after you began."),
    Risk.SILENT: _l("Whether anything at all has happened in sixty days."),
    Risk.NO_SESSION: _l("Whether a session is planned, a week after the next one would be due."),
    Risk.CANCELED_TWICE: _l("Whether two sessions in a row were canceled, not who did it."),
    Risk.LONG_GAP: _l("Whether the time between two sessions grows far beyond your rhythm."),
    Risk.FALLING_CADENCE: _l("Whether you meet more and more rarely."),
    Risk.UNANSWERED: _l("Since when a message waits, not whose it is and never what it says."),
    Risk.GOAL_STUCK: _l("When a goal that you share with the program last moved."),
}
STATES: dict[Any, tuple[Any, str]] = {
    FlagState.OPEN: (_l("Open"), "bad"),
    FlagState.ACKNOWLEDGED: (_l("Seen"), "wait"),
    FlagState.ACTED: (_l("Acted on"), "info"),
    FlagState.SNOOZED: (_l("Put off"), "off"),
    FlagState.RESOLVED: (_l("Settled"), "good"),
}
PLAYS = {
    Play.WRITE: _l("Write to both"),
    Play.FIND_TIME: _l("Help them find a time"),
    Play.TALK: _l("Talk to each of them"),
    Play.OFFER_PAUSE: _l("Offer a pause"),
    Play.NEW_MATCH: _l("Look for a new match"),
}
ADVICE = {
    Play.WRITE: _l("Ask everybody in the same words how it goes. Do not say what a rule has seen."),
    Play.FIND_TIME: _l("Ask whether the calendar is what holds them up, and offer to help."),
    Play.TALK: _l("Call each of them, ten minutes. Ask what would make the next session worth it."),
    Play.OFFER_PAUSE: _l("Say that a pause is fine: it costs nothing and the term is longer."),
    Play.NEW_MATCH: _l("If one of them wants that, end the pair kindly; both are matched anew."),
}
OUTCOMES = {
    Outcome.REVIVED: _l("They meet again"),
    Outcome.CLOSED: _l("It has ended"),
    Outcome.FALSE_ALARM: _l("It was a false alarm"),
}


def evidence_text(rule: Risk, evidence: Mapping[str, Any]) -> str:
    """What a rule has seen, in a sentence: days and counts."""
    since = date_text(date.fromisoformat(evidence["since"]))
    return _SENTENCES[rule](since, evidence)


_SENTENCES: dict[Any, Callable[[str, Mapping[str, Any]], str]] = {
    Risk.FIRST_SESSION: lambda since, seen: ngettext(
        "They began on %(since)s, and no first session has a time: %(num)s day that counts.",
        "They began on %(since)s, and no first session has a time: %(num)s days that count.",
        seen["days"],
        since=since,
    ),
    Risk.SILENT: lambda since, seen: ngettext(
        "Nothing has been heard since %(since)s: %(num)s day that counts.",
        "Nothing has been heard since %(since)s: %(num)s days that count.",
        seen["days"],
        since=since,
    ),
    Risk.NO_SESSION: lambda since, seen: ngettext(
        "Nothing is planned since the last session on %(since)s. They usually meet every day.",
        "Nothing is planned since the last session on %(since)s. "
        "They usually meet every %(num)s days.",
        seen["rhythm"],
        since=since,
    ),
    Risk.CANCELED_TWICE: lambda since, seen: ngettext(
        "%(num)s session was canceled on %(since)s.",
        "%(num)s sessions in a row were canceled, the last one on %(since)s.",
        seen["canceled"],
        since=since,
    ),
    Risk.LONG_GAP: lambda since, seen: ngettext(
        "The last session was on %(since)s and the next is far away. They usually meet every day.",
        "The last session was on %(since)s and the next is far away. "
        "They usually meet every %(num)s days.",
        seen["rhythm"],
        since=since,
    ),
    Risk.FALLING_CADENCE: lambda since, seen: _(
        "Days between the last sessions, up to %(since)s: %(before)s, then %(last)s.",
        since=since,
        before=seen["before"],
        last=seen["last"],
    ),
    Risk.UNANSWERED: lambda since, _seen: _(
        "A message waits for an answer since %(since)s.", since=since
    ),
    Risk.GOAL_STUCK: lambda since, _seen: _(
        "A goal shared with the program has not moved since %(since)s.", since=since
    ),
}
