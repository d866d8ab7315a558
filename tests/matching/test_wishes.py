"""Wishes met: the exact figure, and what of it may be told to somebody who subtracts."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog

from app.matching import Instance, Participant, Rule, solve
from app.matching.assignment import assign
from app.matching.published import FEWEST
from app.matching.scoring import Scorer
from app.matching.shielding import BANDS, CROWD, HIDDEN, Report, reported
from app.matching.solver import ordered
from app.matching.wishes import WishesMet, wishes_met
from tests.matching.test_rematch import SKILLS, TRAITS, people

WISH = Rule(
    "prefer", "overlap", "wishes", "shared", "Wish", 0, private=True, params={"share": "mentee"}
)


def hoping(person: Participant, hope: str) -> Participant:
    return Participant(person.id, person.capacity, values={**person.values, **told("wishes", hope)})


def sharing(person: Participant, own: str) -> Participant:
    return Participant(person.id, person.capacity, values={**person.values, **told("shared", own)})


def told(name: str, word: str) -> dict[str, frozenset[str]]:
    return {name: frozenset({word})} if word else {}


def test_what_could_be_met_is_what_could_be_met_at_the_same_time() -> None:
    one = Participant(
        "w", capacity=1, values={"shared": frozenset({"a"}), "offered": frozenset("x")}
    )
    other = Participant("m", capacity=2, values={"offered": frozenset("x")})
    mentees = tuple(
        Participant(f"e{n}", values={"wishes": frozenset({"a"}), "wanted": frozenset("x")})
        for n in range(3)
    )
    instance = Instance(mentees, (one, other), (SKILLS,), discreet=True)
    assert wishes_met(instance, solve(instance)) == WishesMet(could=1, met=1)


def test_at_fifteen_of_a_hundred_nine_of_ten_wishes_that_can_be_met_are() -> None:
    """300 x 90, three times; a fifth of the mentees have a wish, a third of the mentors let their
    match know. Where nearly all places of those are hoped for, fewer are met: docs/matching.md."""
    found = [wishing(np.random.default_rng(seed)) for seed in range(3)]
    could, met = sum(one.could for one in found), sum(one.met for one in found)
    print(f"wishes that could be met: {could}, met: {met} ({met / could:.1%})")
    assert could > 150 and met >= 0.9 * could


def wishing(rng: np.random.Generator) -> WishesMet:
    instance = company(rng)
    return wishes_met(instance, solve(instance))


def company(rng: np.random.Generator) -> Instance:
    """300 mentees and 90 mentors; a wish weighs 15 of 100."""
    mentees, mentors = people(rng, "e", 300), people(rng, "r", 90, capacity=4)
    mentees = [hoping(m, "a" if rng.random() < 0.2 else "") for m in mentees]
    mentors = [sharing(m, "a" if rng.random() < 0.33 else "") for m in mentors]
    public = (*TRAITS, SKILLS)
    weight = sum(rule.weight for rule in public) * 15 / 85
    rules = (*public, Rule(**{**WISH.__dict__, "weight": weight}))
    return Instance(tuple(mentees), tuple(mentors), rules, discreet=True)


@dataclass(frozen=True)
class Cost:
    """What meeting a share of the wishes costs everybody's other points, proved from below.

    ``total`` are the points that all other factors reach when a wish weighs 15 of 100, ``most`` is
    what they can reach at best in a matching of as many people that meets the share. ``each`` is
    the least that a further wish costs, beside ``worth``, what it weighs.
    """

    could: int
    met: int
    total: float
    most: float
    each: float
    worth: float


def cost_of(instance: Instance, share: float = 0.9) -> Cost:
    """A Lagrange bound: for every weight of a wish, no matching that meets so many has more than
    the best sum of points and weighed wishes, less the weight of those that must be met."""
    plain = replace(instance, objective="total")
    met, scorer = wishes_met(plain, solve(plain)), Scorer(ordered(plain))
    public = scorer.problem(public=True)
    mentors = scorer.instance.mentors
    hopes = np.array(
        [
            [bool(m.values.get("wishes", set()) & r.values.get("shared", set())) for r in mentors]
            for m in scorer.instance.mentees
        ]
    )
    need = int(np.ceil(share * met.could))

    def best(weight: float) -> tuple[float, int]:
        """Points and wishes of the best matching when a wish adds so much."""
        score = (public.score + np.float32(weight) * hopes) / np.float32(1 + weight)
        pairs = assign(replace(public, score=score)).pairs
        at = pairs[:, 0], pairs[:, 1]
        return float(public.score[at].astype(float).sum()), int(hopes[at].sum())

    worth = 15 / 85
    total, here = best(worth)
    weights = np.linspace(0, 0.6, 31)
    most = min(
        points + weight * wishes - weight * need
        for weight in weights
        for points, wishes in [best(float(weight))]
    )
    each = (total - most) / (need - here) if need > here else 0.0
    return Cost(met.could, here, total, most, each, worth)


def test_a_wish_that_is_not_met_would_cost_others_more_than_it_weighs() -> None:
    """Why one of the companies stays below nine of ten: a proof, not a lack of search."""
    cost = cost_of(company(np.random.default_rng(1)))
    print(cost)
    assert cost.met < 0.9 * cost.could
    assert cost.most < cost.total
    assert cost.each >= cost.worth - 1e-4


# -- the attacker -------------------------------------------------------------------------------


def known(views: list[tuple[set[str], float, float]], everybody: list[str]) -> int:
    """How many people's wishes a linear program over the views pins down: least equals most."""
    at = {name: place for place, name in enumerate(everybody)}
    above, below = [], []
    for members, least, most in views:
        row = np.zeros(len(everybody))
        row[[at[name] for name in members]] = 1
        above += [row, -row]
        below += [most, -least]
    found = 0
    for place in range(len(everybody)):
        aim = np.zeros(len(everybody))
        aim[place] = 1
        ends = [
            linprog(sign * aim, A_ub=np.array(above), b_ub=np.array(below), bounds=(0, 1)).fun
            for sign in (1, -1)
        ]
        found += -ends[1] - ends[0] < 0.5
    return found


def pools(rng: random.Random) -> list[set[str]]:
    """An organizer takes people out one by one and in again, and runs the matching each time."""
    everybody = [f"p{n}" for n in range(30)]
    found = [set(everybody)]
    for gone in rng.sample(everybody, 12):
        found.append(set(everybody) - {gone})
    found += [set(rng.sample(everybody, 15)) for _run in range(3)]
    return found


def test_an_attacker_over_all_reports_learns_nobodys_wish_and_over_bare_figures_many() -> None:
    shielded = bare = 0
    for seed in range(4):
        rng = random.Random(seed)
        wishing = {f"p{n}" for n in range(30) if rng.random() < 0.45}
        everybody, reports, exact, told_views = [f"p{n}" for n in range(30)], [], [], []
        for pool in pools(rng):
            could = len(pool & wishing)
            exact.append((pool, could, could))
            report = reported(WishesMet(could, could), frozenset(pool), reports)
            if report not in reports:
                reports.append(report)
                hidden = report.share == HIDDEN
                span = (0, len(pool) if len(pool) < CROWD else FEWEST - 1)
                told_views.append((pool, *(span if hidden else (FEWEST, len(pool)))))
        bare += known(exact, everybody)
        shielded += known(told_views, everybody)
    print(f"wishes pinned down: {bare} of 120 from bare counts, {shielded} from reports")
    assert bare >= 40 and shielded == 0


def test_a_report_stays_until_a_crowd_has_changed_and_names_no_number() -> None:
    first = reported(WishesMet(12, 11), {f"p{n}" for n in range(30)})
    assert first.share == "90" and {name for _least, name in BANDS} == {"90", "75", "50", "0"}
    one_less = reported(WishesMet(11, 2), {f"p{n}" for n in range(1, 30)}, [first])
    assert one_less is first
    others = reported(WishesMet(11, 2), {f"p{n}" for n in range(10, 40)}, [first])
    assert others.share == "0"
    back = reported(WishesMet(12, 2), {f"p{n}" for n in range(1, 30)}, [others, first])
    assert back is first, "whoever goes and comes back cannot be subtracted"
    assert reported(WishesMet(FEWEST - 1, 0), {f"p{n}" for n in range(30)}).share == HIDDEN
    assert reported(WishesMet(FEWEST, 9), {f"p{n}" for n in range(CROWD - 1)}).share == HIDDEN
    assert isinstance(first, Report)
