"""A run as a picture: mentees on one side, mentors on the other, where each stands and who is tied
to whom. Pure layout; names and links are the page's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

MOST = 400  # people in one picture; of more, the part around one person is drawn
WIDTH, STEP, TOP = 640, 26, 20
START, END = 236, 404  # where lines leave a mentee and reach a mentor


@dataclass(frozen=True, slots=True)
class Tie:
    """A proposed pair: the width of its line is its score; locked ones are dashed."""

    mentee: UUID
    mentor: UUID
    score: float
    is_fixed: bool = False
    is_candidate: bool = False  # not proposed: another possibility of the chosen person


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody in the picture. `size` grows with how contested a mentor is."""

    id: UUID
    x: int
    y: int
    side: str
    is_near: bool
    dots: tuple[bool, ...] = ()
    size: float = 4
    price: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A tie between two places of the picture."""

    tie: Tie
    x1: int
    y1: int
    x2: int
    y2: int
    width: float
    is_near: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Nodes and lines, and the height they need."""

    nodes: list[Node]
    lines: list[Line]
    height: int
    is_part: bool = False


@dataclass(slots=True)
class Scene:
    """Who stands on which side, who is tied to whom, and who was chosen to be looked at."""

    mentees: list[UUID]
    mentors: list[UUID]
    ties: list[Tie]
    places: Mapping[UUID, int] = field(default_factory=dict)
    prices: Mapping[UUID, float | None] = field(default_factory=dict)
    chosen: UUID | None = None

    @property
    def near(self) -> set[UUID]:
        """The chosen person and everybody tied to them."""
        if self.chosen is None:
            return set()
        ends = ({tie.mentee, tie.mentor} for tie in self.ties)
        return {self.chosen}.union(*(pair for pair in ends if self.chosen in pair))


def part_of(scene: Scene) -> Scene:
    """The part around the chosen person: who is tied to them, and who is tied to those."""
    near = scene.near
    ties = [tie for tie in scene.ties if tie.mentee in near or tie.mentor in near]
    seen = near.union(*({tie.mentee, tie.mentor} for tie in ties))
    return Scene(
        [one for one in scene.mentees if one in seen],
        [one for one in scene.mentors if one in seen],
        ties,
        scene.places,
        scene.prices,
        scene.chosen,
    )


def drawn(scene: Scene, *, is_mirrored: bool = False) -> Picture:
    """The picture: each mentor beside their mentees, contested ones first, so that few lines
    cross; mirrored for scripts that run from right to left."""
    is_part = len(scene.mentees) + len(scene.mentors) > MOST
    scene = part_of(scene) if is_part else scene
    mentors = sorted(scene.mentors, key=lambda one: (-(_price(scene, one)), str(one)))
    of_mentor: dict[UUID, list[Tie]] = {one: [] for one in mentors}
    for tie in scene.ties:
        if not tie.is_candidate and tie.mentor in of_mentor:
            of_mentor[tie.mentor].append(tie)
    order = [tie.mentee for one in mentors for tie in sorted(of_mentor[one], key=_strongest)]
    order = list(dict.fromkeys([*order, *scene.mentees]))
    rows = {one: TOP + STEP * at for at, one in enumerate(order)}
    heights = _beside(mentors, of_mentor, rows)
    near = scene.near
    nodes = [_node(scene, one, "mentee", rows[one], near, is_mirrored) for one in order]
    nodes += [
        _node(scene, one, "mentor", heights[one], near, is_mirrored, len(of_mentor[one]))
        for one in mentors
    ]
    lines = [
        _line(tie, rows[tie.mentee], heights[tie.mentor], scene.chosen, is_mirrored)
        for tie in scene.ties
        if tie.mentee in rows and tie.mentor in heights
    ]
    height = max([TOP, *rows.values(), *heights.values()]) + TOP
    return Picture(nodes, lines, height, is_part)


def _strongest(tie: Tie) -> tuple[float, str]:
    return -tie.score, str(tie.mentee)


def _price(scene: Scene, mentor: UUID) -> float:
    price = scene.prices.get(mentor, 0.0)
    return 1.0 if price is None else float(price)


def _beside(
    mentors: Iterable[UUID], ties: Mapping[UUID, list[Tie]], rows: Mapping[UUID, int]
) -> dict[UUID, int]:
    """Each mentor at the middle of their mentees, never closer than a row to the one before."""
    found: dict[UUID, int] = {}
    lowest = TOP - STEP
    for one in sorted(mentors, key=lambda one: not ties[one]):
        wanted = [rows[tie.mentee] for tie in ties[one]]
        middle = sum(wanted) // len(wanted) if wanted else 0
        lowest = max(middle, lowest + STEP)
        found[one] = lowest
    return found


def _node(
    scene: Scene,
    one: UUID,
    side: str,
    y: int,
    near: set[UUID],
    is_mirrored: bool,
    used: int = 0,
) -> Node:
    x = _at(START if side == "mentee" else END, is_mirrored)
    if side == "mentee":
        return Node(one, x, y, side, one in near)
    places = max(scene.places.get(one, used), used)
    dots = tuple(at < used for at in range(min(places, 8)))
    size = round(4 + 5 * min(max(_price(scene, one), 0.0), 1.0), 1)
    return Node(one, x, y, side, one in near, dots, size, scene.prices.get(one, 0.0))


def _line(tie: Tie, y1: int, y2: int, chosen: UUID | None, is_mirrored: bool) -> Line:
    width = round(1 + 4 * min(max(tie.score, 0.0), 1.0), 1)
    is_near = chosen in (tie.mentee, tie.mentor)
    return Line(tie, _at(START, is_mirrored), y1, _at(END, is_mirrored), y2, width, is_near)


def _at(x: int, is_mirrored: bool) -> int:
    return WIDTH - x if is_mirrored else x
