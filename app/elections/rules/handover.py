"""What is passed on when those who run a group change."""

from __future__ import annotations

from enum import StrEnum


class Check(StrEnum):
    """The steps of a handover, in the order in which they are best taken."""

    TALK = "talk"
    CHARTER = "charter"
    REQUESTS = "requests"
    EVENTS = "events"
    MONEY = "money"
    SPONSOR = "sponsor"
    CHAPTERS = "chapters"
    FILES = "files"
    CONFIDENTIAL = "confidential"
    ANNOUNCE = "announce"
    REVIEW = "review"
