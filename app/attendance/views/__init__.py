"""Pages of attendance."""

from app.attendance.views import (  # noqa: F401 - they register themselves
    arriving,
    door,
    feedback,
    files,
    materials,
    needs,
    scanner,
)
from app.attendance.views.base import bp

__all__ = ["bp"]
