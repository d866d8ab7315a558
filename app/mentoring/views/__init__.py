"""Pages of mentoring: one's relationships, the workspace, its acts, and the link of a mail."""

from app.mentoring.views import acts, links, workspace  # noqa: F401 - they add routes
from app.mentoring.views.base import bp

blueprints = [bp]
