"""Those who can be both get a side for the whole evening, so that the sides become even."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from app.speed.pairing.people import Player, Round, Side


def divide(players: list[Player], planned: Sequence[Round]) -> tuple[list[Player], list[Player]]:
    """(mentors, mentees): what was planned stays where the balance allows it."""
    mentors = [p for p in players if p.side is Side.MENTOR]
    mentees = [p for p in players if p.side is Side.MENTEE]
    lean = _lean(planned)
    open_ = [p for p in players if p.side is Side.BOTH]
    mentors += [p for p in open_ if lean.get(p.id, 0) > 0]
    mentees += [p for p in open_ if lean.get(p.id, 0) < 0]
    teams = Counter(p.manager for p in mentors)
    # Who shares a team with many mentors can meet none of them, so they better join them.
    for player in sorted(
        (p for p in open_ if not lean.get(p.id)),
        key=lambda p: (-teams[p.manager] if p.manager else 0, str(p.manager), p.id),
    ):
        (mentors if len(mentors) < len(mentees) else mentees).append(player)
    _even_out(mentors, mentees, lean)
    return mentors, mentees


def _lean(planned: Sequence[Round]) -> dict[UUID, int]:
    """By how much more often somebody was to be mentor than mentee."""
    counted: dict[UUID, int] = {}
    for one in planned:
        for talk in one:
            counted[talk.mentor] = counted.get(talk.mentor, 0) + 1
            counted[talk.mentee] = counted.get(talk.mentee, 0) - 1
    return counted


def _even_out(mentors: list[Player], mentees: list[Player], lean: dict[UUID, int]) -> None:
    while abs(len(mentors) - len(mentees)) > 1:
        many, few = (mentors, mentees) if len(mentors) > len(mentees) else (mentees, mentors)
        open_ = [p for p in many if p.side is Side.BOTH]
        if not open_:
            return
        moved = min(open_, key=lambda p: (abs(lean.get(p.id, 0)), p.id))
        many.remove(moved)
        few.append(moved)
