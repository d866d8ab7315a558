"""Pages of programs: for everyone, for organizers, for one's own enrollment and offers."""

from app.programs.views import desk, offers, participant, runs, sheets  # noqa: F401 - they add routes
from app.programs.views.base import bp

blueprints = [bp]
