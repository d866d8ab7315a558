"""What few people do in a year: every state that the many of `year.py` do not pass through.

A cohort of pairs, one of reverse pairs and a guest from outside, beside the three runs. Each act is
one that people have a button for, on a day of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core import clock
from app.mentoring.models import Relationship, SessionSlot
from app.mentoring.rules import Claim, GoalState
from app.mentoring.services import closing, goals, proposing, sessions, work
from app.programs.models import Cohort, Enrollment, Offer
from app.programs.rules import CohortState, DeclineReason, Role
from app.programs.services import enrollment, offers, outside
from tests.factories.accounts import make_person
from tests.factories.outside import make_invitation
from tests.factories.programs import ANSWERS, make_cohort, make_enrollment, make_offer

WEEK = timedelta(days=7)
PAIRS = 3


class Few:
    """The acts by day; an act that is refused fails the year."""

    def __init__(self, db: Session) -> None:
        self.acts: dict[int, list[Callable[[Session], object]]] = defaultdict(list)
        cohort = make_cohort(db, CohortState.ACTIVE, title="Few")
        self.reverse = make_cohort(db, CohortState.ACTIVE, template="reverse", title="Listening").id
        self.cohort, self.pairs = cohort.id, []
        self.organizer = make_person(db, "Organizer of few").id
        sides = [[make_enrollment(db, cohort, role) for role in Role] for _n in range(PAIRS + 2)]
        self.sides = [{row.role: row.id for row in side} for side in sides]
        self.person = {row.id: row.person_id for side in sides for row in side}
        self.acts[2] = [self.answer_offers, self.enroll]
        self.acts[4] = [self.say_what_they_want, self.propose_times, self.sit_down]
        self.acts[6] = [self.agree, self.move_and_cancel, self.pause_an_enrollment]
        self.acts[14] = [offers.expire_due, self.remove_somebody]
        self.acts[20] = [self.say_yes_in_two_steps]
        self.acts[40] = [enrollment.resume_due, self.reach_and_drop]
        self.acts[60] = [self.end_and_go_on_elsewhere]

    def live(self, db: Session, day: int) -> None:
        """What is to be done on a day."""
        for act in self.acts.pop(day, []):
            act(db)

    def offer(self, db: Session, mentee: int, mentor: int) -> Offer:
        one, other = self.sides[mentee][Role.MENTEE], self.sides[mentor][Role.MENTOR]
        return make_offer(db, db.get_one(Enrollment, one), db.get_one(Enrollment, other))

    def mentee(self, place: int) -> UUID:
        return self.person[self.sides[place][Role.MENTEE]]

    def mentor(self, place: int) -> UUID:
        return self.person[self.sides[place][Role.MENTOR]]

    # offers

    def answer_offers(self, db: Session) -> None:
        """A yes, which supersedes another; a no; an offer recalled; one that nobody answers."""
        declined, recalled = self.offer(db, 3, 3), self.offer(db, 4, 4)
        offers.decline(db, self.mentee(3), offer_id=declined.id, reason=DeclineReason.TIME)
        offers.withdraw_offer(db, self.organizer, offer_id=recalled.id, reason="recalled")
        for place in range(PAIRS):
            made = self.offer(db, place, place)
            if place == 0:
                self.offer(db, place, 3)
            offers.accept(db, self.mentee(place), offer_id=made.id)
            pair = select(Relationship.id).where(Relationship.offer_id == made.id)
            self.pairs.append(db.scalars(pair).one())
        self.offer(db, 4, 3)

    def pause_an_enrollment(self, db: Session) -> None:
        """An open offer goes with the pause of a mentor."""
        self.offer(db, 3, 4)
        enrollment.set_availability(
            db,
            self.mentor(4),
            enrollment_id=self.sides[4][Role.MENTOR],
            capacity=1,
            takes_no_more=False,
            paused_until=clock.now().date() + 4 * WEEK,
        )

    def say_yes_in_two_steps(self, db: Session) -> None:
        """In reverse pairs both are asked, one after the other."""
        cohort = db.get_one(Cohort, self.reverse)
        one, other = (make_enrollment(db, cohort, role) for role in (Role.MENTEE, Role.MENTOR))
        made = make_offer(db, one, other)
        for person_id in (one.person_id, other.person_id):
            offers.accept(db, person_id, offer_id=made.id)

    # enrollments

    def enroll(self, db: Session) -> None:
        """A leader listens first; a guest from outside is invited and says yes."""
        leader = make_person(db, "A leader", "leader@year.example")
        cohort = db.get_one(Cohort, self.reverse)
        cohort.state = CohortState.ENROLLING
        said = enrollment.Reply(Role.MENTEE, dict(ANSWERS[Role.MENTEE]), ("en",), "UTC")
        made = enrollment.enroll(db, leader.id, cohort_id=cohort.id, reply=said)
        enrollment.finish_listening(db, leader.id, enrollment_id=made.id)
        invited = make_invitation(db, cohort, self.organizer, "guest@year.example")
        outside.accept(db, invitation_id=invited.id)
        cohort.state = CohortState.ACTIVE

    def remove_somebody(self, db: Session) -> None:
        """By an organizer, with a reason."""
        enrollment_id = self.sides[4][Role.MENTEE]
        enrollment.remove(db, self.organizer, enrollment_id=enrollment_id, reason="Moved away")

    # a pair

    def propose_times(self, db: Session) -> None:
        """Two times, of which one is taken; and one meeting that nobody says anything of."""
        starts = [clock.now() + timedelta(days=days, hours=1) for days in (3, 4)]
        key = {"relationship_id": self.pairs[0]}
        made = proposing.propose(db, self.mentee(0), starts=starts, **key)
        slot = select(SessionSlot.id).where(SessionSlot.session_id == made.id)
        taken = db.scalars(slot.order_by(SessionSlot.starts_at)).first()
        proposing.accept(db, self.mentor(0), session_id=made.id, slot_id=taken)

    def sit_down(self, db: Session) -> None:
        self.held = [self._planned(db, place, days=1) for place in (1, 2)]
        self.ahead = self._planned(db, 1, days=9)

    def _planned(self, db: Session, place: int, days: int) -> UUID:
        wall = (clock.now() + timedelta(days=days)).replace(tzinfo=None, microsecond=0)
        key = {"relationship_id": self.pairs[place], "wall_time": wall, "zone": "UTC"}
        return sessions.plan(db, self.mentee(place), **key).id

    def move_and_cancel(self, db: Session) -> None:
        """Not met; moved; confirmed by both; called off."""
        missed, held = self.held
        sessions.answer(db, self.mentee(1), session_id=missed, said=Claim.NO_CONTACT)
        for who in (self.mentee(2), self.mentor(2)):
            sessions.answer(db, who, session_id=held, said=Claim.MET)
        moved, wall = self._planned(db, 2, days=4), clock.now() + timedelta(days=5)
        at = {"wall_time": wall.replace(tzinfo=None), "zone": "UTC"}
        sessions.reschedule(db, self.mentor(2), session_id=moved, **at)
        sessions.cancel(db, self.mentee(1), session_id=self.ahead)

    def agree(self, db: Session) -> None:
        for who in (self.mentee(1), self.mentor(1)):
            work.sign(db, who, relationship_id=self.pairs[1], revision=1)

    # goals

    def say_what_they_want(self, db: Session) -> None:
        key = {"relationship_id": self.pairs[2], "steps": ["One", "Two"]}
        drafted, dropped, along = (
            work.set_goal(db, self.mentee(2), text=text, is_draft=text == "Think", **key).id
            for text in ("Think", "Give up", "Go on")
        )
        self.goals = (drafted, dropped, along)

    def reach_and_drop(self, db: Session) -> None:
        drafted, dropped, _along = self.goals
        for goal_id, to in (
            (drafted, GoalState.ACTIVE),
            (drafted, GoalState.ACHIEVED),
            (dropped, GoalState.DROPPED),
        ):
            work.move_goal(db, self.mentee(2), goal_id=goal_id, to=to)

    def end_and_go_on_elsewhere(self, db: Session) -> None:
        """The mentee of a pair that ended goes on with a goal in another one."""
        closing.end(db, self.mentee(2), relationship_id=self.pairs[2])
        cohort = db.get_one(Cohort, self.cohort)
        again = make_enrollment(db, cohort, Role.MENTOR)
        offer = make_offer(db, db.get_one(Enrollment, self.sides[2][Role.MENTEE]), again)
        offers.accept(db, self.mentee(2), offer_id=offer.id)
        pair = db.scalars(select(Relationship.id).where(Relationship.offer_id == offer.id)).one()
        goals.take_along(db, self.mentee(2), goal_id=self.goals[2], relationship_id=pair)
