"""One way to solve an instance, whatever the format: pairs, groups, peers or circles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.matching.choosing import by_choice
from app.matching.groups import advice, solve_groups
from app.matching.seats import solve_seats
from app.matching.solver import solve
from app.matching.text import Message
from app.matching.types import Instance, Outcome
from app.programs.rules import Form

Ranked = Mapping[str, Sequence[str]]


def formed(
    form: Form, instance: Instance, ranked: Ranked, progress: Any = None, *, explain: bool = True
) -> Outcome:
    """The best matching in a form, following the mentees' own order where there is one.

    Where nobody reads reasons (``explain``), pairs are found without them, which is quicker.
    """
    if form.is_mutual:
        in_circles = form.kind == "circles"
        more = {"progress": progress} if progress else {}
        return solve_seats(instance, form.least, form.most, in_circles=in_circles, **more)
    if form.kind == "groups":
        more = {"progress": progress} if progress else {}
        return solve_groups(instance, form.least, form.most, ranked=ranked, **more)
    if ranked:
        return by_choice(instance, ranked)
    return solve(instance, progress=progress, explain=explain)


def group_numbers(form: Form, outcome: Outcome) -> dict[str, int]:
    """The group of each person who has a seat, counted from 1; empty where there are pairs."""
    if form.is_mutual:
        groups = enumerate(outcome.groups, 1)
        return {one: number for number, group in groups for one in group}
    if form.kind != "groups":
        return {}
    mentors = sorted({pair.mentor for pair in outcome.pairs})
    return {pair.mentee: mentors.index(pair.mentor) + 1 for pair in outcome.pairs}


def hosts_of(form: Form, instance: Instance) -> Instance:
    """The instance with places only where somebody can be placed: enough of them for a group."""
    if form.kind != "groups":
        return instance
    mentors = (m if m.capacity >= form.least else replace(m, capacity=0) for m in instance.mentors)
    return replace(instance, mentors=tuple(mentors))


def advice_for(form: Form, instance: Instance) -> Message | None:
    """What to do where there are too few places for everybody."""
    return None if form.is_mutual else advice(instance)
