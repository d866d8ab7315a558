"""Pages of elections and of the handover."""

from app.elections.views import handover, running, taking_part, voting  # noqa: F401
from app.elections.views.base import bp

__all__ = ["bp"]
