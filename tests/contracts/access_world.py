"""A small world of things to be opened, on top of the seeded demo company."""

from __future__ import annotations

import importlib
import shutil
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import PeopleImport, Person
from app.core import clock, ids
from app.core.database import writing
from app.core.settings import load
from app.demographics.rules import Attribute, MatchAnswer
from app.demographics.services import Notice, say_for_matching
from app.ergs.models import Erg
from app.ergs.rules import Discovery, ErgState, MembershipState, Region, Visibility
from app.events import links, services
from app.events.rules import Audience, Mode, Reply
from app.factory import create_app
from app.mentoring.models import Goal, GoalStep, Note, NoteVersion, Relationship
from app.mentoring.rules import RelationshipState
from app.mentoring.services import messages, series
from app.notifications.models import Notification
from app.programs.models import (
    JointRun,
    MatchRequest,
    MatchRun,
    PairDecision,
    ShortlistEntry,
    SignUpSheet,
)
from app.programs.rules import (
    CohortState,
    Decision,
    EnrollmentState,
    ProgramState,
    Role,
    RunState,
)
from app.programs.sheets import guesses
from tests.databases import DEMO_DAY, TEST_ENVIRONMENT
from tests.factories import membership
from tests.factories.accounts import make_person
from tests.factories.circles import circle_of_others, circle_scene, closed_circle
from tests.factories.ergs import make_chapter, make_erg, make_member, make_picture
from tests.factories.events import make_event, make_series, planned
from tests.factories.mentoring import (
    closing_scene,
    going_on_scene,
    make_pair,
    plan_session,
    sponsor_scene,
)
from tests.factories.programs import make_cohort, make_enrollment, make_offer
from tests.factories.resources import file_scenes

Scene = dict[str, Any]
Scenes = dict[str, dict[str, Scene]]
OF_GROUPS = (
    "holidays",
    "approvals",
    "health",
    "posts",
    "threads",
    "resources",
    "elections",
    "budgets",
    "plans",
    "attendance",
    "speed",
    "outside",
    "concerns",
)


def open_world(seeded: Path, folder: Path) -> tuple[flask.Flask, Scenes]:
    """The app on a copy of the demo company with the world in it; forms need no token."""
    shutil.copyfile(seeded, folder / "world.sqlite3")
    environment = {"DATABASE_URL": f"sqlite:///{folder / 'world.sqlite3'}", "DATA_DIR": str(folder)}
    today = {"TRELLIS_NOW": f"{DEMO_DAY}T09:00Z"}
    app = create_app(load({**TEST_ENVIRONMENT, **environment, **today}))
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context(), writing() as db:
        scenes = build(db)
    return app, scenes


def build(db: Session) -> Scenes:
    """Insert the world; returns URL arguments by blueprint and scene."""
    star = {
        email.split("@")[0]: person
        for email, person in ((p.email, p) for p in db.scalars(select(Person)) if p.email)
    }
    groups = _groups(db, star)
    for name, scene in membership.scenes(db, star).items():
        groups[name] = {**groups.get(name, {}), **scene}
    return {
        **_of_domains(db, star),
        "ergs": groups,
        "files": file_scenes(db, star),
        "events": _events(db, star["bo"].id),
        "programs": _programs(db, star),
        "mentoring": _mentoring(db, star),
        "accounts": _accounts(db, star),
        "notifications": _notifications(db, star),
        "admin": _admin(db, star),
    }


def _of_domains(db: Session, star: dict[str, Person]) -> Scenes:
    """What a domain's own factories offer: `scenes(db, star)`, URL arguments by scene.

    Groups to hang things on: "women" (open) and "quiet-circle" (hidden), both led by dalia.
    """
    found = {}
    for domain in OF_GROUPS:
        if find_spec(f"tests.factories.{domain}"):
            module = importlib.import_module(f"tests.factories.{domain}")
            found[domain] = module.scenes(db, star)
    return found


def _absent(*names: str) -> Scene:
    scene: Scene = {name: ids.new_id() for name in names}
    return {**scene, "slug": "no-such-thing"}


def _groups(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    open_group = db.scalars(select(Erg).where(Erg.slug == "women")).one()
    hidden = make_erg(
        db,
        "quiet-circle",
        lead=star["dalia"].id,
        discovery=Discovery.HIDDEN,
        roster=Visibility.NOBODY,
    )
    asking = db.scalars(select(Person.id).where(Person.email == "person20@demo.example")).one()
    asks = {
        erg.slug: make_member(db, erg, asking, state=MembershipState.REQUESTED).id
        for erg in (open_group, hidden)
    }
    draft = make_erg(db, "quiet-plan", state=ErgState.DRAFT)
    closed = make_chapter(db, open_group, "closed-place", Region.EUROPE)
    closed.archived_at = clock.now()
    db.flush()
    return {
        "open": {"request_id": asks["women"], **_parts(db, open_group)},
        "hidden": {"request_id": asks[hidden.slug], **_parts(db, hidden)},
        "draft": _parts(db, draft),
        "closed": {"slug": "women", "chapter": closed.slug},
        "absent": {**_absent("request_id", "image_id"), "chapter": "none", **_WORDS},
    }


_WORDS = {"locale": "es", "to": "dormant", "digest": "d" * 64, "width": 480}


def _parts(db: Session, erg: Erg) -> Scene:
    """What hangs on a group: a chapter, a picture, a language, a state."""
    return {
        **_WORDS,
        "slug": erg.slug,
        "chapter": make_chapter(db, erg, "some-place", Region.AFRICA).slug,
        "image_id": make_picture(db, erg).id,
    }


def _events(db: Session, going: UUID) -> dict[str, Scene]:
    groups = {
        slug: db.scalars(select(Erg).where(Erg.slug == slug)).one()
        for slug in ("women", "quiet-circle")
    }
    answered = make_event(db, groups["women"], "Answered evening")
    services.answer(
        db,
        going,
        occurrence_id=answered.id,
        reply=Reply.GOING,
        mode=Mode.IN_PERSON,
        guests=0,
        visibility=Visibility.COMPANY,
    )
    return {
        "group": {"slug": "women"},
        "hidden_group": {"slug": "quiet-circle"},
        "answered": {"occurrence_id": answered.id},
        "open": {"occurrence_id": make_event(db, groups["women"], "Open evening").id},
        "draft": {"occurrence_id": make_event(db, groups["women"], "Plan", published=False).id},
        "hidden": {
            "occurrence_id": make_event(
                db, groups["quiet-circle"], "Quiet evening", audience=Audience.MEMBERS
            ).id
        },
        "asking": _asking(db, groups["women"], going),
        "asking_hidden": _asking(db, groups["quiet-circle"], None, audience=Audience.MEMBERS),
        "weekly": _weekly(db, groups["women"]),
        "weekly_over": _ended_series(db, groups["women"]),
        "weekly_hidden": _weekly(db, groups["quiet-circle"], audience=Audience.MEMBERS),
        "absent": {
            **_absent("occurrence_id", "series_id", "rsvp_id", "erg_id"),
            "token": "no-such-token",
        },
        **planned(db),
    }


def _asking(db: Session, erg: Erg, person_id: UUID | None, **traits: Any) -> Scene:
    """An event whose organizers decide, somebody who asks, and the link of their mail."""
    date = make_event(db, erg, "By invitation", **traits)
    if person_id is None:
        person_id = make_person(db, "Ona Asking").id
        make_member(db, erg, person_id, visibility=Visibility.NOBODY)
    services.set_answering(
        db,
        None,
        occurrence_id=date.id,
        needs_approval=True,
        closes_minutes=None,
        questions=[],
    )
    asks = services.answer(db, person_id, occurrence_id=date.id, reply=Reply.GOING)
    return {"occurrence_id": date.id, "rsvp_id": asks.id, "token": links.token(asks.id)}


def _weekly(db: Session, erg: Erg, **traits: Any) -> Scene:
    """A series; its first date stands for those of its pages that are about one."""
    return {"series_id": make_series(db, erg, "Weekly lunch", **traits).id}


def _ended_series(db: Session, erg: Erg) -> Scene:
    """A series of which no further date will come."""
    over = make_series(db, erg, "Weekly lunch of old")
    over.ended_at = clock.now()
    db.flush()
    return {"series_id": over.id}


def _programs(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    cohort = make_cohort(db, CohortState.MATCHING, manager=star["amara"], title="Access Program")
    mentee = make_enrollment(db, cohort, Role.MENTEE, star["bo"])
    mentor = make_enrollment(db, cohort, Role.MENTOR, star["chen"])
    joint = JointRun(started_by=star["amara"].id)
    db.add(joint)
    db.flush()
    run = MatchRun(cohort_id=cohort.id, state=RunState.REVIEW, started_by=star["amara"].id)
    run.joint_id = joint.id
    run.choice_until, run.rules = clock.now() + timedelta(days=7), {"choice": "requests"}
    sheet = SignUpSheet(cohort_id=cohort.id, file_name="sheet.csv", created_by=star["amara"].id)
    sheet.mapping = guesses((), ())
    ruling = PairDecision(
        cohort_id=cohort.id,
        mentee_id=mentee.id,
        mentor_id=mentor.id,
        kind=Decision.LOCK,
    )
    db.add_all([run, sheet, ruling])
    db.flush()
    db.add(ShortlistEntry(run_id=run.id, mentee_id=mentee.id, mentor_id=mentor.id, place=0))
    offer = make_offer(db, mentee, mentor)
    asked = MatchRequest(cohort_id=cohort.id, run_id=run.id, mentee_id=mentee.id)
    asked.mentor_id, asked.expires_at = mentor.id, clock.now() + timedelta(days=7)
    db.add(asked)
    late, slow = make_person(db, "Ona Late"), make_person(db, "Ole Slow")
    waited_for = make_offer(
        db,
        make_enrollment(db, cohort, Role.MENTEE, late),
        make_enrollment(db, cohort, Role.MENTOR, slow),
    )
    waited_for.extended_at = clock.now()
    draft = make_cohort(db, CohortState.DRAFT, manager=star["amara"], title="Draft Program")
    draft.program.state = ProgramState.DRAFT
    reverse = make_cohort(db, CohortState.ENROLLING, template="reverse", title="Reverse Program")
    learner = make_enrollment(db, reverse, Role.MENTEE, star["bo"])
    learner.state = EnrollmentState.TRAINING_DUE
    said = {Attribute.GENDER: MatchAnswer(wish="woman")}
    say_for_matching(db, star["bo"].id, answers=said, notice=Notice("match-1", "en"))
    db.flush()
    scene = {
        "attribute": Attribute.GENDER.value,
        "slug": cohort.program.slug,
        "cohort_id": cohort.id,
        "enrollment_id": mentee.id,
        "offer_id": offer.id,
        "run_id": run.id,
        "joint_id": joint.id,
        "sheet_id": sheet.id,
        "decision_id": ruling.id,
        "mentee_id": mentee.id,
        "mentor_id": mentor.id,
        "request_id": asked.id,
        "version": 1,
        "rule": "skills",
    }
    return {
        "open": scene,
        "extended": {"offer_id": waited_for.id},
        "draft": {
            "slug": draft.program.slug,
            "cohort_id": draft.id,
            "version": 1,
            "rule": "skills",
        },
        "listening": {"slug": reverse.program.slug, "enrollment_id": learner.id},
        "absent": {
            **_absent(*(name for name in scene if name not in ("slug", "version"))),
            "version": 1,
        },
    }


def _mentoring(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    scene, shared = _pair(db, star, "Pair Program")
    circle = circle_scene(db, star)
    return {
        "pair": scene,
        "shared": shared,
        "circle": circle,
        "circle of others": circle_of_others(db, star),
        "circle closed": closed_circle(db, star),
        "pair closed": _closed(db, _pair(db, star, "Closed Program")[0]),
        "asked": {"enrollment_id": closing_scene(db, star["bo"], star["chen"])},
        "sponsored": {"action_id": sponsor_scene(db, star["bo"], star["chen"])},
        "absent": {**_absent(*scene, *circle, "action_id"), "token": "no-such-token"},
    }


def _closed(db: Session, scene: Scene) -> Scene:
    """The same when the pair has come to its end."""
    db.get_one(Relationship, scene["relationship_id"]).state = RelationshipState.CLOSED
    db.flush()
    return scene


def _pair(db: Session, star: dict[str, Person], title: str) -> tuple[Scene, Scene]:
    """Bo and Chen in a cohort of Amara's with all that a pair has; their shared note."""
    cohort = make_cohort(db, CohortState.ACTIVE, manager=star["amara"], title=title)
    pair = make_pair(db, star["bo"], star["chen"], cohort)
    meeting = plan_session(db, pair)
    series_id = series.plan_series(
        db,
        star["bo"].id,
        relationship_id=pair.id,
        first=datetime(2027, 2, 2, 10),
        zone="Europe/Berlin",
        count=1,
    )
    own, shared = (_note(db, pair, star["bo"].id, scope) for scope in ("own", "shared"))
    goal = Goal(relationship_id=pair.id, owner_id=star["bo"].id, text="Speak in public")
    db.add(goal)
    db.flush()
    step = GoalStep(goal_id=goal.id, position=1, text="Give a five minute talk")
    db.add(step)
    db.flush()
    scene = {
        "relationship_id": pair.id,
        "guide_id": pair.guide_id,
        "cohort_id": cohort.id,
        "goal_id": goal.id,
        "step_id": step.id,
        **own,
        "session_id": meeting.id,
        "series_id": series_id,
        "message_id": messages.send(
            db, star["bo"].id, relationship_id=pair.id, text="Hello", key=title
        ).id,
        **going_on_scene(db, pair),
    }
    return scene, shared


def _note(db: Session, pair: Relationship, author: UUID, scope: str) -> Scene:
    """A note with a text that is its own, or when only its writer reads it with one beside it."""
    note = Note(relationship_id=pair.id, author_id=author, scope=scope, text="A note")
    db.add(note)
    db.flush()
    number = 1 if scope == "shared" else None
    version = NoteVersion(note_id=note.id, number=number, author_id=author, scope=scope)
    version.text, version.key, version.turn = "A text", str(note.id), 1
    db.add(version)
    db.flush()
    return {"note_id": note.id, "version_id": version.id}


def _accounts(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    unlisted = Person(name="Ona Unlisted", is_listed=False)
    db.add(unlisted)
    db.flush()
    return {
        "colleague": {"person_id": star["elena"].id, "token": "no-such-token"},
        "unlisted": {"person_id": unlisted.id},
        "guest": {"person_id": star["lena"].id},
        "absent": {**_absent("person_id", "session_id"), "token": "no-such-token"},
    }


def _notifications(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    row = Notification(
        person_id=star["bo"].id,
        delivery_id=ids.new_id(),
        subject="Hello",
        lines=["Hello"],
        language="en",
        found_by="hello",
        created_at=clock.now(),
    )
    db.add(row)
    db.flush()
    return {"own": {"notification_id": row.id}, "absent": _absent("notification_id")}


def _admin(db: Session, star: dict[str, Person]) -> dict[str, Scene]:
    row = PeopleImport(file_name="people.csv", stored_as="people.csv", created_by=star["farid"].id)
    db.add(row)
    db.flush()
    return {"own": {"import_id": row.id}, "absent": _absent("import_id")}
