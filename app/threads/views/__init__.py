"""Pages of discussions: list, discussion, one's own posts, reports."""

from app.threads.views import (  # noqa: F401 - their routes
    appeals,
    listing,
    moderating,
    own,
    posting,
    talk,
)
from app.threads.views.base import bp

__all__ = ["bp"]
