"""Pages of groups: directory, group, members, joining and leaving, requests."""

from app.ergs.views import (  # noqa: F401 - they add their routes
    chapters,
    desk,
    directory,
    group,
    images,
    invitations,
    manage,
    members,
    polls,
    relay,
    roles,
    sender,
    shaping,
    snapshots,
    sponsor,
    switches,
)
from app.ergs.views.base import bp, text_of
from app.ergs.views.founding import groups_bp

blueprints = [bp, groups_bp]

__all__ = ["blueprints", "bp", "text_of"]
