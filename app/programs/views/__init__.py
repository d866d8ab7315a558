"""Pages of programs: for everyone, for organizers, for one's own enrollment and offers."""

from app.programs.views import (  # noqa: F401 - they add routes
    choosing,
    desk,
    events,
    graph,
    identity,
    joint,
    listening,
    offers,
    overdue,
    participant,
    relaxing,
    requests,
    review,
    rules,
    runs,
    settings,
    sheets,
    waves,
    weights,
)
from app.programs.views.base import bp
from app.programs.views.outside import bp as outside_bp

blueprints = [bp, outside_bp]
