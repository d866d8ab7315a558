"""Pages of mentoring: one's relationships, the workspace, its acts, and the link of a mail."""

from app.mentoring.views import (  # noqa: F401 - they add routes
    acts,
    board,
    goals,
    guides,
    lifecycle,
    lines,
    links,
    looking_after,
    messages,
    notes,
    our_group,
    reshaping,
    resources,
    risks,
    session,
    sessions,
    silence,
    sponsorship,
    surveys,
    timeline,
    times,
    topics,
    workspace,
)
from app.mentoring.views.base import bp

blueprints = [bp]
