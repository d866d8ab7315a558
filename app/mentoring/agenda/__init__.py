"""What mentoring puts on home and into the navigation, and what it does when programs call."""

from app.mentoring.agenda.below import leave, pairs_page, uptake
from app.mentoring.agenda.calendar import sessions_of
from app.mentoring.agenda.home import coming_and_asked, goals_moved, may_speak
from app.mentoring.agenda.messages import unread
from app.mentoring.agenda.places import places
from app.mentoring.agenda.questions import questions
from app.mentoring.agenda.risks import pairs_at_risk, risks_page

__all__ = [
    "coming_and_asked",
    "goals_moved",
    "leave",
    "may_speak",
    "pairs_at_risk",
    "pairs_page",
    "places",
    "questions",
    "risks_page",
    "sessions_of",
    "unread",
    "uptake",
]
