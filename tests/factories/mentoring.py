"""Pairs for tests, made the way the app makes them: by an accepted offer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.core import clock, ids
from app.ergs.models import Erg
from app.mentoring.models import Handover, Meeting, Member, Note, Relationship, Rematch
from app.mentoring.queries.slots import weeks_of
from app.mentoring.rules import FlagState, NoteScope, RelationshipState, RematchCause
from app.mentoring.rules.slots import propose
from app.mentoring.rules.sponsorship import SponsorAct
from app.mentoring.services import notes, proposing, sessions, sponsoring, terms
from app.programs.models import Cohort, Enrollment
from app.programs.rules import CohortState, Role
from app.programs.services import offers
from tests.factories.accounts import make_person, outing_person
from tests.factories.programs import make_cohort, make_enrollment, make_offer
from tests.factories.risks import make_flag


def make_pair(
    db: Session,
    mentee: Person | None = None,
    mentor: Person | None = None,
    cohort: Cohort | None = None,
) -> Relationship:
    """A pair that has just begun."""
    cohort = cohort or make_cohort(db, CohortState.ACTIVE)
    mentee = mentee or make_person(db, name="Mina Mentee")
    mentor = mentor or make_person(db, name="Omar Mentor")
    one = make_enrollment(db, cohort, Role.MENTEE, mentee)
    other = make_enrollment(db, cohort, Role.MENTOR, mentor)
    offer = make_offer(db, one, other)
    offers.accept(db, mentee.id, offer_id=offer.id)
    pair = db.query(Relationship).filter_by(offer_id=offer.id).one()
    assert len(pair.members) == 2  # loaded, so that tests may look at it after the transaction
    return pair


def plan_session(
    db: Session, pair: Relationship, starts: datetime | None = None, **columns: Any
) -> Meeting:
    """A session in two days, or at an instant."""
    starts = (starts or clock.now() + timedelta(days=2)).replace(tzinfo=None, microsecond=0)
    return sessions.plan(
        db,
        pair.members[0].person_id,
        relationship_id=pair.id,
        wall_time=starts,
        zone="UTC",
        **columns,
    )


def make_note(
    db: Session, pair: Relationship, text: str, scope: NoteScope = NoteScope.OWN, by: int = 0
) -> Note:
    """A note of one of the members."""
    who = pair.members[by].person_id
    return notes.write(db, who, relationship_id=pair.id, text=text, scope=scope).note


def add_member(db: Session, pair: Relationship, person: Person, role: Role = Role.MENTEE) -> None:
    """One more person, which makes a group of a pair."""
    enrollment = make_enrollment(db, pair.cohort, role, person)
    db.add(
        Member(relationship_id=pair.id, person_id=person.id, role=role, enrollment_id=enrollment.id)
    )
    db.flush()
    db.expire(pair, ["members"])
    assert pair.members


def keep_hours(db: Session, pair: Relationship, **by_role: tuple[str, str]) -> None:
    """Weekly windows and zone by role: `mentee=("mon-morning tue-evening", "Asia/Tokyo")`."""
    for member in pair.members:
        windows, zone = by_role.get(member.role.value, ("", "UTC"))
        enrollment = db.get_one(Enrollment, member.enrollment_id)
        enrollment.weekly_windows, enrollment.zone = windows.split(), zone
    db.flush()


def propose_times(db: Session, pair: Relationship, by: int = 0, count: int = 3) -> Meeting:
    """Times found as the page finds them, proposed by one of the members."""
    found = propose(weeks_of(db, pair).sides, now=clock.now(), minutes=60)[:count]
    return proposing.propose(
        db,
        pair.members[by].person_id,
        relationship_id=pair.id,
        starts=[slot.starts_at for slot in found],
    )


def going_on_scene(db: Session, pair: Relationship) -> dict[str, Any]:
    """A handover note of its mentor, and its mentee on the list of new matches: their ids."""
    mentee, mentor = (
        next(m for m in pair.members if m.role is role) for role in (Role.MENTEE, Role.MENTOR)
    )
    db.add(Handover(relationship_id=pair.id, author_id=mentor.person_id, text="Well on the way."))
    row = Rematch(
        cohort_id=pair.cohort_id,
        enrollment_id=mentee.enrollment_id,
        relationship_id=pair.id,
        cause=RematchCause.ENDED,
        due_on=clock.now().date() + timedelta(days=7),
    )
    db.add(row)
    db.flush()
    flag = make_flag(db, pair, state=FlagState.ACKNOWLEDGED, batch_id=ids.new_id("flag_batch"))
    return {
        "author_id": mentor.person_id,
        "rematch_id": row.id,
        "flag_id": flag.id,
        "batch_id": flag.batch_id,
    }


def sponsor_scene(db: Session, protege: Person, sponsor: Person) -> UUID:
    """A line that the protege wrote in the ledger of a sponsorship: its id."""
    cohort = make_cohort(db, CohortState.ACTIVE, template="sponsorship", title="Access Sponsors")
    pair = make_pair(db, protege, sponsor, cohort)
    row = sponsoring.note_action(
        db,
        protege.id,
        relationship_id=pair.id,
        act=SponsorAct.INTRODUCED,
        acted_on=clock.now().date(),
    )
    return row.id


def closing_scene(db: Session, mentee: Person, mentor: Person) -> UUID:
    """A pair that looks back: the enrollment under which its mentee is asked how it is now."""
    cohort = make_cohort(db, CohortState.ACTIVE, title="Access Closing")
    pair = make_pair(db, mentee, mentor, cohort)
    pair.state = RelationshipState.ACTIVE
    terms.conclude(db, mentee.id, relationship_id=pair.id)
    return next(m.enrollment_id for m in pair.members if m.person_id == mentee.id)


def outing_paths(db: Session, erg: Erg, lead_id: UUID, member_id: UUID) -> list[str]:
    """Maria and her mentor: what a pair and its organizers are offered of groups."""
    maria, mentor, manager = (
        db.get_one(Person, outing_person(db, name)) for name in ("maria", "mentor", "manager")
    )
    pair = make_pair(db, maria, mentor, make_cohort(db, CohortState.ACTIVE, manager))
    base, desk = f"/mentoring/{pair.id}/", f"cohorts/{pair.cohort_id}/"
    meeting = f"/mentoring/sessions/{plan_session(db, pair).id}/"
    program = f"/programs/{pair.cohort.program.slug}/"
    of_pair = ("", "resources", "guide", "timeline", "times/", "sessions/", "series/", "seen/")
    of_cohort = ("people", "events", "events?q=supper", "waiting", "offers")
    return [
        "/mentoring/",
        "/programs/",
        *(base + page for page in of_pair),
        meeting,
        f"{meeting}calendar.ics",
        f"/mentoring/{desk}",
        *(program + page for page in ("", "enroll", "manage/")),
        *(f"/programs/{desk}{page}" for page in of_cohort),
        f"/outside/{desk}",
        "/outside/places",
        "/outside/partners/",
    ]
