"""Companies that differ in what Maria says for the matching, and everything of them that is read.

She takes part twice: as a mentee in a cohort that is matched twice, compared and sent, and as a
mentor in one whose mentees look at their lists and ask. Skills say so clearly who fits whom that
nothing she says moves a pair.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.core.database import end_reading, reading, writing
from app.demographics.rules import Attribute, MatchAnswer, Purpose
from app.demographics.services import Notice
from app.ergs.rules import Visibility
from app.mentoring.models import Member, Relationship
from app.programs.jobs import publish_runs, replay_run, run_joint, run_match
from app.programs.models import Candidate, Cohort, Enrollment, Exclusion, Offer
from app.programs.questions import SKILLS
from app.programs.rules import Role
from app.programs.services import choosing, offers, replays, requests, runs, weighing, wishing
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.mentoring import plan_session
from tests.factories.outside import make_partner
from tests.factories.programs import make_cohort, make_enrollment
from tests.outing import company, make_people

OPEN, DENIABLE = Purpose.MATCHING_SHAREABLE, Purpose.MATCHING_DENIABLE
NOTICE = Notice("match-1", "en")
SIDE = 14  # people: enough to hide a hint, and to be told how many wishes were met
CARING = (("mentor", 0), ("mentee", 1))  # with whom alone she shares what matters to her
TITLES = ("Lead", "Grow")
WEEK = ["mon-morning", "tue-evening"]
PARTS = ("programs.", "mentoring.", "outside.")
TRUTHS = {"gender": "woman", "orientation": "lgbtq", "disability": "yes", "veteran": "yes"}

# What Maria says of each thing in three companies: nothing, one thing, another. The name is that of
# a question, of an attribute, or of what every form asks.
SAID: dict[str, tuple[Any, Any, Any]] = {
    "personality": ([], ["planning", "steady"], ["talking"]),
    "groups": ("", "yes", "no"),
    "windows": ([], ["mon-morning"], ["tue-evening", "wed-midday"]),
    "exclusions": ((), ("mentor", "mentee"), ("external", "mentee", "mentor")),
    "gender": (
        MatchAnswer(),
        MatchAnswer("man", OPEN, "woman"),
        MatchAnswer("woman", OPEN, "nonbinary"),
    ),
    "orientation": (
        MatchAnswer(),
        MatchAnswer("lgbtq", DENIABLE, "straight"),
        MatchAnswer("straight", DENIABLE, "lgbtq"),
    ),
    "disability": (
        MatchAnswer(),
        MatchAnswer("yes", OPEN, "yes"),
        MatchAnswer("yes", DENIABLE, "no"),
    ),
    "veteran": (MatchAnswer(), MatchAnswer(wish="yes", only=True), MatchAnswer(wish="yes")),
}
KINDS = frozenset(SAID)


@dataclass
class World:
    """A company: its app, who is in it, and what addresses are made of."""

    app: flask.Flask
    who: dict[str, UUID]
    cohorts: tuple[UUID, UUID]
    slugs: tuple[str, str]
    runs: tuple[UUID, UUID, UUID]  # two of the first cohort, one of the second
    asking: tuple[UUID, UUID, UUID]  # mentee, mentor and request of the second cohort
    trial: UUID
    joint: UUID  # a run over two small cohorts more
    circle: tuple[UUID, UUID]  # the run and cohort of six people as circles
    partner: UUID
    ruled_out: tuple[UUID, UUID]  # Maria and whom she does not want to meet
    pairs: list[tuple[UUID, UUID, UUID]]  # run, mentee, mentor


@contextmanager
def companies(
    folder: Path, source: str, which: int, kinds: Collection[str] = KINDS
) -> Iterator[World]:
    """The company in which Maria says the `which`th of these things, and nothing of the others."""
    words = {kind: SAID[kind][which if kind in kinds else 0] for kind in SAID}
    with company(folder, source, lambda: _built(words)) as (app, built):
        yield World(app, **built)


def _built(words: dict[str, Any]) -> dict[str, Any]:
    with writing() as db:
        who = make_people(db, "mentee", "partner")
        lead, grow = (make_cohort(db, manager=_person(db, who, "manager"), title=t) for t in TITLES)
        grow.rules = {**grow.rules, "choice": "requests"}
        _open_group(db, who)
        sides = _enroll(db, (lead, grow), who, words)
        for attribute in TRUTHS:
            answers = {Attribute(attribute): words[attribute]}
            wishing.say(db, who["maria"], answers=answers, notice=NOTICE)
        cohorts, slugs = (lead.id, grow.id), (lead.program.slug, grow.program.slug)
        partner = make_partner(db).id
    manager = who["manager"]
    joint, circle = _jointly(who, words), _circle(who, words)
    ran = tuple(_run(cohort_id, manager) for cohort_id in (lead.id, lead.id, grow.id))
    with writing() as db:
        replays.ask_replay(db, manager, run_id=ran[1])
        tried = tempting(lead.rules)
        trial = weighing.start_trial(db, manager, cohort_id=lead.id, rules=tried).id
        choosing.open_choice(db, manager, run_id=ran[2], days=7)
    replay_run(str(ran[1]))
    run_match(str(trial))
    asking = sides["mentee", 1], sides["maria", 1]
    with writing() as db:
        asked = requests.ask(
            db, who["mentee"], run_id=ran[2], mentee_id=asking[0], mentor_id=asking[1]
        )
        request_id = asked.id
    rows = reading().execute(select(Candidate.run_id, Candidate.mentee_id, Candidate.mentor_id))
    return {
        "who": who,
        "cohorts": cohorts,
        "slugs": slugs,
        "runs": ran,
        "asking": (*asking, request_id),
        "trial": trial,
        "joint": joint,
        "circle": circle,
        "partner": partner,
        "ruled_out": (sides["maria", 0], sides["mentor", 0]),
        "pairs": sorted(tuple(row) for row in rows),
    }


def tempting(rules: dict[str, Any]) -> dict[str, Any]:
    """Weights under which Maria belongs with somebody whom she does not want to meet, or with
    whomever her hours suit."""
    weights = {"values": 50.0, "availability": 50.0}
    return {
        **rules,
        "rules": [
            {**one, "weight": weights.get(one["key"], 0.0)} if one["kind"] == "prefer" else one
            for one in rules["rules"]
        ],
    }


def _person(db: Session, who: dict[str, UUID], name: str) -> Person:
    return db.get_one(Person, who[name])


def _open_group(db: Session, who: dict[str, UUID]) -> None:
    """A group in which every colleague can read who belongs."""
    erg = make_erg(db, "women", lead=who["lead"], roster=Visibility.COMPANY)
    for name in ("maria", "mentor", "partner", "member"):
        make_member(db, erg, who[name], visibility=Visibility.COMPANY)


def _enroll(
    db: Session, cohorts: tuple[Cohort, Cohort], who: dict[str, UUID], words: dict[str, Any]
) -> dict[tuple[str, int], UUID]:
    """Both sides of both cohorts; the ids by name and cohort."""
    for at in range(2, SIDE):
        for role in Role:
            name = f"{role.value}.{at}"
            who[name] = make_person(db, f"{role.value} Number {at}", f"{name}@t.example").id
    _answer(db, who)
    named = {
        (0, Role.MENTEE): ("maria", "mentee"),
        (0, Role.MENTOR): ("partner", "mentor", "external"),
        (1, Role.MENTEE): ("partner", "mentee"),
        (1, Role.MENTOR): ("maria", "mentor"),
    }
    found = {}
    for (number, role), first in named.items():
        for at in range(SIDE):
            name = first[at] if at < len(first) else f"{role.value}.{at}"
            row = _enrolled(db, cohorts[number], role, _person(db, who, name), at, words)
            found[name, number] = row.id
            if name == "maria" or (name, number) in CARING:
                row.answers = {**row.answers, "values": ["care"]}
            if name == "maria":
                for other in words["exclusions"]:
                    db.add(Exclusion(enrollment_id=row.id, person_id=who[other]))
    return found


def _answer(db: Session, who: dict[str, UUID]) -> None:
    """What all others say of who they are: mentors open or deniably, mentees hope to meet such."""
    for name, person_id in who.items():
        if not name.startswith(("ment", "partner", "external")):
            continue
        use = DENIABLE if name.endswith(("3", "5")) else OPEN
        said = {Attribute(one): MatchAnswer(truth, use, truth) for one, truth in TRUTHS.items()}
        wishing.say(db, person_id, answers=said, notice=NOTICE)


def _enrolled(
    db: Session, cohort: Cohort, role: Role, person: Person, at: int, words: dict[str, Any]
) -> Enrollment:
    is_maria = person.email == "maria@t.example"
    kind = "wanted" if role is Role.MENTEE else "offered"
    own = words if is_maria else {"personality": ["steady"], "groups": "yes", "windows": WEEK}
    answers = {f"skills_{kind}": [SKILLS[at][0]], f"goals_{kind}": ["next_level"]}
    quiet = {key: own[key] for key in ("personality", "groups") if own[key]}
    return make_enrollment(
        db, cohort, role, person, answers=answers | quiet, weekly_windows=own["windows"]
    )


def _jointly(who: dict[str, UUID], words: dict[str, Any]) -> UUID:
    """Two cohorts of four people as one problem; Maria is a mentee of both."""
    with writing() as db:
        small = [make_cohort(db, manager=_person(db, who, "manager"), title=t) for t in ("A", "B")]
        for cohort in small:
            for at, name in enumerate(("maria", "mentee", "partner", "mentor")):
                role = Role.MENTEE if at < 2 else Role.MENTOR
                _enrolled(db, cohort, role, _person(db, who, name), at % 2, words)
        chosen = [cohort.id for cohort in small]
        joint_id = runs.start_joint_run(db, who["manager"], cohort_ids=chosen).id
    run_joint(str(joint_id))
    end_reading()
    return joint_id


def _circle(who: dict[str, UUID], words: dict[str, Any]) -> tuple[UUID, UUID]:
    """One circle of three, without anybody whom Maria would rather not meet."""
    with writing() as db:
        manager = _person(db, who, "manager")
        cohort = make_cohort(db, manager=manager, template="circle", title="Circle")
        for name in ("maria", "partner", "member"):
            both = {"skills_wanted": ["strategy"], "skills_offered": ["strategy"]}
            row = _enrolled(db, cohort, Role.MENTEE, _person(db, who, name), 0, words)
            row.answers = {**row.answers, **both}
        cohort_id = cohort.id
    return _run(cohort_id, who["manager"]), cohort_id


def _run(cohort_id: UUID, organizer_id: UUID) -> UUID:
    with writing() as db:
        run_id = runs.start_run(db, organizer_id, cohort_id=cohort_id).id
    run_match(str(run_id))
    end_reading()
    return run_id


def send(world: World) -> list[dict[str, Any]]:
    """The offers of one cohort and the circle go out, some are accepted; scenes of what came."""
    with world.app.app_context(), ids.seeded("later"):
        with writing() as db:
            for run_id in (world.runs[1], world.circle[0]):
                runs.publish(db, world.who["manager"], run_id=run_id)
        clock.configure(f"{clock.now() + timedelta(minutes=31):%Y-%m-%dT%H:%M}Z")
        publish_runs()
        with writing() as db:
            scenes = [_paired(db, world, world.cohorts[0], name) for name in ("maria", "mentee")]
            for name in ("partner", "member"):
                circle = _paired(db, world, world.circle[1], name)
            circle |= _paired(db, world, world.circle[1], "maria")
            scenes.append({**circle, "cohort_id": world.circle[1], "run_id": world.circle[0]})
        end_reading()
    return scenes


def _paired(db: Session, world: World, cohort_id: UUID, name: str) -> dict[str, Any]:
    person_id = world.who[name]
    mine = Enrollment.person_id == person_id, Offer.cohort_id == cohort_id
    offer = db.scalars(select(Offer).join(Offer.mentee).where(*mine)).one()
    offers.accept(db, person_id, offer_id=offer.id)
    scene = {"offer_id": offer.id, "enrollment_id": offer.mentee_id}
    pair = db.scalars(
        select(Relationship)
        .join(Relationship.members)
        .where(Member.person_id == person_id, Relationship.cohort_id == cohort_id)
    ).one_or_none()
    if pair is None or pair.is_gathering:  # a circle waits for enough of its people
        return scene
    return {**scene, "relationship_id": pair.id, "session_id": plan_session(db, pair).id}


def scenes_of(world: World) -> list[dict[str, Any]]:
    """Values that belong together and appear in addresses, before anything is sent."""
    lead, grow = zip(world.slugs, world.cohorts, strict=True)
    mentee, mentor, request_id = world.asking
    named = {pair[1] for pair in world.pairs if pair[0] == world.runs[0]}
    chosen = {world.ruled_out[0], *sorted(named)[:2]}
    return [
        *({"slug": slug, "cohort_id": cohort_id} for slug, cohort_id in (lead, grow)),
        *({"cohort_id": world.cohorts[0], "rule": rule} for rule in ("skills", "personality")),
        *({"run_id": r, "mentee_id": m} for r in world.runs[:2] for m in sorted(chosen)),
        {"run_id": world.runs[2], "mentee_id": mentee},
        {"enrollment_id": mentee, "mentor_id": mentor},
        {"request_id": request_id},
        {"joint_id": world.joint},
        {"partner_id": world.partner},
    ]


def further(world: World) -> list[str]:
    """Addresses with a question in them, and those of the rest of the app."""
    maria, mentor = world.ruled_out
    programs, cohort, run = "/programs", f"cohorts/{world.cohorts[0]}", f"runs/{world.runs[1]}"
    return [
        *("/", "/people/?q=maria", "/search?q=maria", "/search?q=woman", "/notifications/"),
        *("/ergs/women/", "/ergs/women/members/", "/settings/", f"/people/{world.who['maria']}/"),
        *(f"{programs}/?q=lead", f"{programs}/{cohort}/people?q=maria"),
        f"{programs}/{cohort}/weights?trial={world.trial}",
        *(f"{programs}/{run}/?pair={one.id}" for one in _candidates(world)),
        f"{programs}/{run}/?show=locked",
        f"{programs}/{run}/graph?person={maria}",
        f"{programs}/{run}/graph?person={mentor}",
        f"{programs}/{run}/mentees/{maria}/alternatives?q=mentor",
        f"{programs}/{run}/relaxed?more={mentor}",
        f"{programs}/{run}/relaxed?rule=Reporting+line",
        f"{programs}/{run}/comparison?with={world.runs[0]}",
    ]


def _candidates(world: World) -> list[Candidate]:
    with world.app.app_context():
        chosen = Candidate.run_id == world.runs[1], Candidate.mentee_id == world.ruled_out[0]
        return list(reading().scalars(select(Candidate).where(*chosen)))


def addresses(world: World, scenes: list[dict[str, Any]]) -> tuple[dict[str, str], set[str]]:
    """Every address of the matching and of mentoring that the scenes fill in, with its endpoint;
    and the endpoints that none fills in."""
    found, left = {}, set()
    urls = world.app.url_map.bind("localhost")
    for rule in world.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.endpoint.startswith(PARTS):
            continue
        fitting = [scene for scene in scenes if rule.arguments <= scene.keys()]
        if not fitting:
            left.add(rule.endpoint)
        for scene in fitting:
            values = {name: scene[name] for name in rule.arguments}
            found[urls.build(rule.endpoint, values)] = rule.endpoint
    return found, left
