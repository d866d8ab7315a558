"""What mentoring tells people: a pair begins or ends, sessions, and "did you meet?"."""

from app.mentoring.messages.base import About, AboutSession, meeting_of, partners
from app.mentoring.messages.circles import BoardNews
from app.mentoring.messages.lifecycle import STEPS, SessionLeft
from app.mentoring.messages.proposals import SeriesPlanned, SessionProposed, SlotsExpired
from app.mentoring.messages.relationships import PairEnded, PairStarted
from app.mentoring.messages.risks import NoticeOfEnd, NudgeMail, NudgeNote
from app.mentoring.messages.sessions import (
    DidYouMeet,
    SessionCanceled,
    SessionEntry,
    SessionPlanned,
    SessionReminder,
)
from app.mentoring.messages.sponsorship import STEPS as SPONSORING
from app.mentoring.messages.surveys import ClosingQuestions
from app.mentoring.messages.talk import PairMessageWaits

__all__ = [
    "SPONSORING",
    "STEPS",
    "About",
    "AboutSession",
    "BoardNews",
    "ClosingQuestions",
    "DidYouMeet",
    "NoticeOfEnd",
    "NudgeMail",
    "NudgeNote",
    "PairEnded",
    "PairMessageWaits",
    "PairStarted",
    "SeriesPlanned",
    "SessionCanceled",
    "SessionEntry",
    "SessionLeft",
    "SessionPlanned",
    "SessionProposed",
    "SessionReminder",
    "SlotsExpired",
    "meeting_of",
    "partners",
]
