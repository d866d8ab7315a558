"""How many rounds are full, and why not more."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from app.speed.pairing.people import (
    Player,
    Reason,
    ReasonCode,
    Round,
    Side,
    are_opposite,
    may_talk,
)


def reasons_of(
    players: Mapping[UUID, Player],
    rounds: tuple[Round, ...],
    met: set[frozenset[UUID]],
    tables: int,
) -> tuple[int, tuple[Reason, ...]]:
    """(full rounds, reasons): full is a round in which as many sit as the sides allow."""
    counts = {side: sum(p.side is side for p in players.values()) for side in Side}
    mentors, mentees, open_ = counts[Side.MENTOR], counts[Side.MENTEE], counts[Side.BOTH]
    most = min(mentors + open_, mentees + open_, len(players) // 2)
    if not most:
        return 0, (Reason(ReasonCode.NO_COUNTERPART, len(players)),)
    seats = min(most, tables)
    full = sum(len(one) >= seats for one in rounds)
    found = []
    over = len(players) - 2 * most
    if over:
        found.append(Reason(ReasonCode.UNEVEN, over))
    if tables < most:
        found.append(Reason(ReasonCode.FEW_TABLES, most - tables))
    if full < len(rounds):
        found += _shortage(players, len(rounds), met, most)
    return full, tuple(found)


def _shortage(
    players: Mapping[UUID, Player], rounds: int, met: set[frozenset[UUID]], most: int
) -> list[Reason]:
    partners = {
        a: sum(
            are_opposite(one.side, other.side)
            and may_talk(one, other)
            and frozenset((a, b)) not in met
            for b, other in players.items()
        )
        for a, one in players.items()
    }
    ceiling = max(partners.values(), default=0)
    if rounds > ceiling:
        return [Reason(ReasonCode.TOO_MANY_ROUNDS, ceiling)]
    few = tuple(sorted((a for a, n in partners.items() if n < rounds), key=lambda a: partners[a]))
    if few:
        return [Reason(ReasonCode.FEW_PARTNERS, partners[few[0]], few)]
    return [Reason(ReasonCode.TANGLED, most)]
