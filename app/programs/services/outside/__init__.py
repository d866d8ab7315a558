"""People from outside: invited, answering, enrolling, leaving; and exchanges with partners."""

from app.programs.services.outside.accounts import close_accounts
from app.programs.services.outside.answering import accept, decline, enroll_invited
from app.programs.services.outside.inviting import Guest, invite, lapse, recall, send_again
from app.programs.services.outside.lending import (
    end_lending_of,
    end_lending_over,
    lend,
    take_seat_back,
)
from app.programs.services.outside.partners import Terms, add_partner, change_partner
from app.programs.services.seats import borrowed, refuse_over_agreement

__all__ = [
    "Guest",
    "Terms",
    "accept",
    "add_partner",
    "borrowed",
    "change_partner",
    "close_accounts",
    "decline",
    "end_lending_of",
    "end_lending_over",
    "enroll_invited",
    "invite",
    "lapse",
    "lend",
    "recall",
    "refuse_over_agreement",
    "send_again",
    "take_seat_back",
]
