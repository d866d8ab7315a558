"""The pages of the inbox and of push."""

from app.notifications.views import push as _push
from app.notifications.views.inbox import bp, unread

__all__ = ["_push", "bp", "unread"]
