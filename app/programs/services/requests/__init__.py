"""A mentee asks a mentor of their fair shortlist; a yes goes the normal way of an offer.

A request holds no place.
"""

from app.programs.services.requests.answering import accept, decline, undo_decline
from app.programs.services.requests.asking import LONGEST_NOTE, ask
from app.programs.services.requests.ending import (
    end_requests_of,
    expire_due,
    settle,
    take_back,
    withdraw,
)

__all__ = [
    "LONGEST_NOTE",
    "accept",
    "ask",
    "decline",
    "end_requests_of",
    "expire_due",
    "settle",
    "take_back",
    "undo_decline",
    "withdraw",
]
