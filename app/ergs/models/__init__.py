"""Groups, their texts and chapters; memberships with history; roles with terms."""

from app.ergs.models.groups import Chapter, Erg, ErgText
from app.ergs.models.images import ErgImage
from app.ergs.models.invitations import Invitation
from app.ergs.models.membership import Membership, MembershipChapter
from app.ergs.models.polls import ErgPoll
from app.ergs.models.relay import RelayMessage, RelayThread
from app.ergs.models.roles import RoleGrant, RoleRemoval
from app.ergs.models.snapshots import ErgSnapshot
from app.ergs.models.sponsor import SponsorCommitment

__all__ = [
    "Chapter",
    "Erg",
    "ErgImage",
    "ErgPoll",
    "ErgSnapshot",
    "ErgText",
    "Invitation",
    "Membership",
    "MembershipChapter",
    "RelayMessage",
    "RelayThread",
    "RoleGrant",
    "RoleRemoval",
    "SponsorCommitment",
]
