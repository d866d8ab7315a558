"""Pages of groups: directory, group, members, joining and leaving, requests."""

from app.ergs.views import desk, directory, group, manage, members, shaping, switches  # noqa: F401 - they add their routes
from app.ergs.views.base import bp, text_of
from app.ergs.views.founding import groups_bp

blueprints = [bp, groups_bp]

__all__ = ["blueprints", "bp", "text_of"]
