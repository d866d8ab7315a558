"""What the clock brings to groups: votes close, people are told in time, old words go."""

from __future__ import annotations

from app.mentoring.services import board, lines, quorums, reshaping, topics, turns

# Each in a transaction of its own; a second run changes nothing.
CARE_FOR_GROUPS = (
    topics.close_due,
    quorums.tell_too_few,
    turns.remind_facilitators,
    reshaping.settle,
    lines.offer_free_seats,
    board.wipe_old_words,
)
