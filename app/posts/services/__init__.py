"""Writing, sending and taking back posts; digests."""

from app.posts.services.digests import choose_digest, compile_digests, resubscribe, unsubscribe
from app.posts.services.erasing import erase
from app.posts.services.sending import keep_back, recall, schedule, send, send_now, unschedule
from app.posts.services.writing import (
    Words,
    archive,
    decided,
    restore,
    revise,
    submit,
    take_back,
    translate,
    write,
)

__all__ = [
    "Words",
    "archive",
    "choose_digest",
    "compile_digests",
    "decided",
    "erase",
    "keep_back",
    "recall",
    "restore",
    "resubscribe",
    "revise",
    "schedule",
    "send",
    "send_now",
    "submit",
    "take_back",
    "translate",
    "unschedule",
    "unsubscribe",
    "write",
]
