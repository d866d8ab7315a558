"""The life of an invitation, and what leads learn of it.

An invitation to somebody who belongs confidentially looks like any other: it stays open for its
leads until it is declined or its time is over. One that was accepted leaves the list only where
leads may see the membership; a confidential acceptance looks like no answer.
"""

from __future__ import annotations

from enum import StrEnum

INVITATION_DAYS = (7, 14, 30)
INVITE_FOR = 14


class InvitationState(StrEnum):
    """The life of an invitation."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


# What was accepted confidentially is taken back like what nobody answered; the member stays.
INVITATION_TRANSITIONS = {
    InvitationState.OPEN: frozenset(InvitationState) - {InvitationState.OPEN},
    InvitationState.ACCEPTED: frozenset({InvitationState.OPEN, InvitationState.WITHDRAWN}),
}
