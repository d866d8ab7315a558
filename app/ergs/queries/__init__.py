"""Named selects about groups; what a reader may not see is not found."""

from app.ergs.queries.groups import PAGE, Line, Listing, by_slug, directory, erg_for, listed_for
from app.ergs.queries.memberships import (
    Request,
    any_open,
    chosen_chapters,
    last_membership,
    open_membership,
    own_membership,
    readers,
    request_for,
    requests,
    waiting_requests,
)
from app.ergs.queries.people import RoleHolder, Roster, role_holders, roster
from app.ergs.queries.standing import (
    Standing,
    belongs,
    leads,
    leads_of,
    members_among,
    standing,
    standing_of,
)

__all__ = [
    "PAGE",
    "Line",
    "Listing",
    "Request",
    "RoleHolder",
    "Roster",
    "Standing",
    "any_open",
    "belongs",
    "by_slug",
    "chosen_chapters",
    "directory",
    "erg_for",
    "last_membership",
    "leads",
    "leads_of",
    "listed_for",
    "members_among",
    "open_membership",
    "own_membership",
    "readers",
    "request_for",
    "requests",
    "role_holders",
    "roster",
    "standing",
    "standing_of",
    "waiting_requests",
]
