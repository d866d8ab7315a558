"""Groups, their texts and chapters; memberships with history; roles with terms."""

from app.ergs.models.groups import Chapter, Erg, ErgText
from app.ergs.models.images import ErgImage
from app.ergs.models.membership import Membership, MembershipChapter
from app.ergs.models.roles import RoleGrant

__all__ = ["Chapter", "Erg", "ErgImage", "ErgText", "Membership", "MembershipChapter", "RoleGrant"]
