"""Several cohorts as one problem: each with its own rules, people joined by their one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from app.matching.types import Instance
from app.programs.feed.instances import earlier_pairs, instance_of
from app.programs.feed.pools import Pool, load_pool
from app.programs.models import MatchRun
from app.programs.services.offers import left_everywhere


def instances_for(db: Session, runs: Iterable[MatchRun]) -> dict[str, Instance]:
    """What each run of a joint run is about, by the run's id, with places shared across them."""
    runs = list(runs)
    pools = {run.id: load_pool(db, run.cohort_id, run.rules) for run in runs}
    mentors = {mentor.person_id for pool in pools.values() for mentor in pool.mentors}
    left = left_everywhere(db, mentors)
    is_fair = any(run.rules.get("objective", "total") == "fair" for run in runs)
    found = {}
    for run in runs:
        earlier = earlier_pairs(db, run.cohort_id, besides=run.id)
        own = instance_of(pools[run.id], run.rules, run.seed, earlier)
        own = replace(own, objective="fair" if is_fair else "total")
        found[str(run.id)] = _shared(own, pools[run.id], left)
    return found


def _shared(instance: Instance, pool: Pool, left: Mapping[UUID, int]) -> Instance:
    """The instance with a pool for everybody who has chosen one number for all programs."""
    person = {str(mentor.id): mentor.person_id for mentor in pool.mentors}
    mentors = tuple(
        replace(one, pool=str(person[one.id])) if person[one.id] in left else one
        for one in instance.mentors
    )
    pools = {one.pool: left[person[one.id]] for one in mentors if one.pool}
    return replace(instance, mentors=mentors, pools=pools)
