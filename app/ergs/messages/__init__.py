"""What groups write to people; subjects are neutral and name no group."""

from app.ergs.messages import (  # noqa: F401 - they add their kinds
    invitations,
    membership,
    polls,
    relay,
    roles,
    sponsor,
)
