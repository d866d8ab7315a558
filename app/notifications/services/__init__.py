"""Verbs of the inbox and of push; running them again changes nothing."""

from app.notifications.services.inbox import mark, mark_about, mark_all_read, receive
from app.notifications.services.push import (
    choose_titles,
    drop_ended,
    ensure_key,
    erase,
    follow,
    forget,
    reached,
    subscribe,
    unsubscribe,
)

__all__ = [
    "choose_titles",
    "drop_ended",
    "ensure_key",
    "erase",
    "follow",
    "forget",
    "mark",
    "mark_about",
    "mark_all_read",
    "reached",
    "receive",
    "subscribe",
    "unsubscribe",
]
