"""Pages of discussions: list, discussion, one's own posts, reports."""

from app.threads.views import listing, moderating, own, posting, talk  # noqa: F401 - their routes
from app.threads.views.base import bp

__all__ = ["bp"]
