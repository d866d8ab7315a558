"""Relationships, agreements, guides, sessions, goals, notes and messages."""

from app.mentoring.models.circles import (
    BoardPost,
    BoardReading,
    ClosedWish,
    FacilitatorTurn,
    GroupWait,
    Topic,
    TopicBallot,
    TopicRound,
)
from app.mentoring.models.guides import Guide, GuideSession, Prompt
from app.mentoring.models.lifecycle import (
    Handover,
    LookBack,
    Pause,
    PrivateAnswer,
    Rematch,
    TrialEnding,
)
from app.mentoring.models.messages import MessageRead, PairMessage
from app.mentoring.models.notes import Note, NoteVersion
from app.mentoring.models.relationships import Agreement, Member, Relationship, Signature
from app.mentoring.models.reshaping import Reshaping
from app.mentoring.models.risks import ClosingNotice, Nudge, Reassurance, RiskFlag
from app.mentoring.models.scheduling import SessionFeedback, SessionReply, SessionSlot
from app.mentoring.models.sessions import Meeting, SessionClaim
from app.mentoring.models.sponsorship import SponsorAction
from app.mentoring.models.surveys import FinalSurvey, KeptOutcome
from app.mentoring.models.work import Goal, GoalStep

__all__ = [
    "Agreement",
    "BoardPost",
    "BoardReading",
    "ClosedWish",
    "ClosingNotice",
    "FacilitatorTurn",
    "FinalSurvey",
    "Goal",
    "GoalStep",
    "GroupWait",
    "Guide",
    "GuideSession",
    "Handover",
    "KeptOutcome",
    "LookBack",
    "Meeting",
    "Member",
    "MessageRead",
    "Note",
    "NoteVersion",
    "Nudge",
    "PairMessage",
    "Pause",
    "PrivateAnswer",
    "Prompt",
    "Reassurance",
    "Relationship",
    "Rematch",
    "Reshaping",
    "RiskFlag",
    "SessionClaim",
    "SessionFeedback",
    "SessionReply",
    "SessionSlot",
    "Signature",
    "SponsorAction",
    "Topic",
    "TopicBallot",
    "TopicRound",
    "TrialEnding",
]
