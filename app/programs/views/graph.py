"""A run as a picture, drawn by the server: who is tied to whom, how strongly, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import flask
from flask import url_for

from app.accounts.messages import shown_name
from app.core.database import reading
from app.core.locale import current_language
from app.core.pages import page
from app.core.policies import current_actor, guarded_by
from app.core.search import normalize
from app.matching.explain import Explainer
from app.programs import feed, queries
from app.programs.graph import MOST, Scene, Tie, drawn
from app.programs.models import Enrollment, MatchRun
from app.programs.policies import may_manage
from app.programs.queries.graph import all_pairs, people_of
from app.programs.rules import CandidateState, RunState
from app.programs.views.base import bp

FURTHER = 5  # other possibilities of the chosen person
FOUND = 8


@dataclass(frozen=True, slots=True)
class Neighbor:
    """Somebody tied to the chosen person, and the page that says why or why not."""

    id: UUID
    tie: Tie
    why: str


@bp.get("/runs/<uuid:run_id>/graph")
@guarded_by(may_manage, find=queries.run_for)
def graph(run: MatchRun) -> flask.Response:
    """The pairs of a run as lines between people."""
    db, actor = reading(), current_actor()
    pairs = all_pairs(db, actor, run.id)
    waiting = [UUID(one["mentee"]) for one in run.unmatched]
    open_mentors = [UUID(one) for one in run.prices]
    ends = {one for pair in pairs for one in (pair.mentee_id, pair.mentor_id)}
    seats = people_of(db, actor, ends.union(waiting, open_mentors))
    ties = [
        Tie(pair.mentee_id, pair.mentor_id, pair.score, pair.state is CandidateState.LOCKED)
        for pair in pairs
        if pair.state is not CandidateState.VETOED
    ]
    chosen = _chosen(seats, ties)
    further = _further(run, chosen, ties, seats) if run.state is RunState.REVIEW else []
    scene = Scene(
        mentees=_known(seats, [*(pair.mentee_id for pair in pairs), *waiting]),
        mentors=_known(seats, [*(pair.mentor_id for pair in pairs), *open_mentors]),
        ties=[*ties, *further],
        places={one: seat.capacity for one, seat in seats.items()},
        prices={UUID(one): price for one, price in run.prices.items()},
        chosen=chosen,
    )
    picture = drawn(scene, is_mirrored=current_language().dir == "rtl")
    why = {(pair.mentee_id, pair.mentor_id): pair.id for pair in pairs}
    q = flask.request.args.get("q", "")[:200]
    return page(
        "programs/graph.html",
        run=run,
        picture=picture,
        seats=seats,
        chosen=chosen,
        neighbors=_neighbors(run, scene, why) if chosen else [],
        q=q,
        named=_named(seats, q),
    )


def _known(seats: dict[UUID, Enrollment], ids: list[UUID]) -> list[UUID]:
    return [one for one in dict.fromkeys(ids) if one in seats]


def _chosen(seats: dict[UUID, Enrollment], ties: list[Tie]) -> UUID | None:
    """Who was asked for; in a picture too large to draw whole, the mentee of the weakest pair."""
    asked = flask.request.args.get("person", type=UUID)
    if asked in seats or len(seats) <= MOST or not ties:
        return asked if asked in seats else None
    return min(ties, key=lambda tie: (tie.score, str(tie.mentee))).mentee


def _further(
    run: MatchRun, chosen: UUID | None, ties: list[Tie], seats: dict[UUID, Enrollment]
) -> list[Tie]:
    """The next best for the chosen mentee, by public factors."""
    if chosen is None or not any(tie.mentee == chosen for tie in ties):
        return []
    others = [seats[one] for one in map(UUID, run.prices) if one in seats]
    pool = feed.pool_around(reading(), run.cohort, [seats[chosen]], others, run.rules)
    instance = feed.instance_of(pool, run.rules, run.seed)
    mate = {str(tie.mentee): str(tie.mentor) for tie in ties}
    explainer = Explainer(instance, mate, run.prices)
    best = explainer.alternatives(str(chosen), FURTHER)
    found = [Tie(chosen, UUID(one.mentor), one.score, is_candidate=True) for one in best]
    return [tie for tie in found if tie.mentor in seats]


def _neighbors(run: MatchRun, scene: Scene, why: dict[tuple[UUID, UUID], UUID]) -> list[Neighbor]:
    found = []
    for tie in sorted(scene.ties, key=lambda tie: (tie.is_candidate, -tie.score)):
        if scene.chosen not in (tie.mentee, tie.mentor):
            continue
        other = tie.mentor if tie.mentee == scene.chosen else tie.mentee
        pair_id = why.get((tie.mentee, tie.mentor))
        if tie.is_candidate or pair_id is None:
            to = url_for(".alternatives", run_id=run.id, mentee_id=tie.mentee)
        else:
            to = url_for(".run", run_id=run.id, pair=pair_id, _anchor="pair")
        found.append(Neighbor(other, tie, to))
    return found


def _named(seats: dict[UUID, Enrollment], q: str) -> list[Any]:
    words = normalize(q).split()
    if not words:
        return []
    found = [
        (one, seat)
        for one, seat in seats.items()
        if all(word in normalize(shown_name(seat.person)) for word in words)
    ]
    return sorted(found, key=lambda pair: shown_name(pair[1].person))[:FOUND]
