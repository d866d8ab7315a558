"""Pairs into rounds: the edges of a graph with two sides get colors, no two alike at a person."""

from __future__ import annotations

from collections.abc import Iterable

Node = tuple[int, int]  # side (0 or 1) and number
Pair = tuple[int, int]


class Coloring:
    """Rounds being filled; a change moves as few pairs as it can."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self._at: dict[Node, list[Node | None]] = {}

    def put(self, pair: Pair, color: int) -> bool:
        """Put a pair into this round; False when one of the two is taken there."""
        one, other = (0, pair[0]), (1, pair[1])
        if self._of(one)[color] or self._of(other)[color]:
            return False
        self._link(one, other, color)
        return True

    def add(self, pair: Pair, *, gently: bool) -> None:
        """Put a pair into some round; where no round suits both, a chain of others gives way.

        `gently` looks for the shortest chain; otherwise the first one will do.
        """
        one, other = (0, pair[0]), (1, pair[1])
        free, wanted = self._free(one), self._free(other)
        shared = sorted(set(free) & set(wanted))
        if shared:
            # The fullest suitable round, so that rounds become full one by one.
            self._link(one, other, shared[0])
            return
        chains = [
            (self._chain(other, here, there), here)
            for here in (free if gently else free[:1])
            for there in (wanted if gently else wanted[:1])
        ]
        chain, here = min(chains, key=lambda found: len(found[0]))
        self._turn(chain)
        self._link(one, other, here)

    def level(self, most: int) -> None:
        """No round with more pairs than there are tables; the total must allow it."""
        while True:
            sizes = [len(self.pairs(color)) for color in range(self.rounds)]
            full, empty = sizes.index(max(sizes)), sizes.index(min(sizes))
            if sizes[full] <= most or sizes[full] - sizes[empty] < 2:
                return
            self._turn(self._surplus(full, empty))

    def pairs(self, color: int) -> list[Pair]:
        """The pairs of one round."""
        return [
            (number, held[color][1])  # type: ignore[index]
            for (side, number), held in sorted(self._at.items())
            if side == 0 and held[color]
        ]

    def _of(self, node: Node) -> list[Node | None]:
        return self._at.setdefault(node, [None] * self.rounds)

    def _free(self, node: Node) -> list[int]:
        return [color for color, held in enumerate(self._of(node)) if held is None]

    def _link(self, one: Node, other: Node, color: int) -> None:
        self._of(one)[color], self._of(other)[color] = other, one

    def _chain(self, start: Node, here: int, there: int) -> list[tuple[Node, Node, int, int]]:
        """The pairs that change places, from `start` on: here becomes there and back again."""
        found, node, color, next_color = [], start, here, there
        while (follower := self._of(node)[color]) is not None:
            found.append((node, follower, color, next_color))
            node, color, next_color = follower, next_color, color
        return found

    def _turn(self, chain: Iterable[tuple[Node, Node, int, int]]) -> None:
        chain = list(chain)
        for one, other, color, _ in chain:
            self._of(one)[color] = self._of(other)[color] = None
        for one, other, _, color in chain:
            self._link(one, other, color)

    def _surplus(self, full: int, empty: int) -> list[tuple[Node, Node, int, int]]:
        """A chain that begins and ends in the fuller round; one exists by counting."""
        for node in sorted(self._at):
            held = self._at[node]
            if held[full] and not held[empty]:
                chain = self._chain(node, full, empty)
                if len(chain) % 2:
                    return chain
        raise AssertionError("a fuller round always has such a chain")
