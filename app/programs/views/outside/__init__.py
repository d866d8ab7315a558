"""Pages about people from outside: invitations, their answers, partners, one's own places."""

from app.programs.outside import agenda, jobs, messages  # noqa: F401 - they register themselves
from app.programs.views.outside import (  # noqa: F401 - they add routes
    answering,
    inviting,
    partners,
    places,
)
from app.programs.views.outside.base import bp

__all__ = ["bp"]
