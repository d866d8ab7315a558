"""From enrollments to the matcher's plain instance. Ids are those of enrollments."""

from app.programs.feed.hours import DAYS, PARTS, week_mask, zone_hours
from app.programs.feed.instances import (
    counts,
    earlier_pairs,
    instance_for,
    instance_of,
    public_of,
    rule_of,
)
from app.programs.feed.joint import instances_for
from app.programs.feed.pools import (
    Pool,
    forbidden_openly,
    forbidden_pairs,
    load_pool,
    pool_around,
)
from app.programs.feed.private import asks_identity, hints_count, with_private
from app.programs.feed.state import state_of

__all__ = [
    "DAYS",
    "PARTS",
    "Pool",
    "asks_identity",
    "counts",
    "earlier_pairs",
    "forbidden_openly",
    "forbidden_pairs",
    "hints_count",
    "instance_for",
    "instance_of",
    "instances_for",
    "load_pool",
    "pool_around",
    "public_of",
    "rule_of",
    "state_of",
    "week_mask",
    "with_private",
    "zone_hours",
]
