"""Pages of speed mentoring."""

from app.speed.views import organizing, prompts, steering, taking_part  # noqa: F401
from app.speed.views.base import bp

__all__ = ["bp"]
