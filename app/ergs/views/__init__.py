"""Pages of groups: directory, group, members, joining and leaving, requests."""

from app.ergs.views import directory, group, manage, members  # noqa: F401 - they add their routes
from app.ergs.views.base import bp, text_of

__all__ = ["bp", "text_of"]
