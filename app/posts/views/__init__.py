"""Pages of posts: reading, writing, sending; the digest and the way out of it."""

from app.posts.views import digest, reading, sending, writing  # noqa: F401 - they add their routes
from app.posts.views.base import bp

__all__ = ["bp"]
