"""Many hands at one ballot box: real threads, real transactions, both databases."""

from __future__ import annotations

from threading import Barrier, Thread

from app.core.database import writing
from app.core.errors import Refused
from app.elections import services
from app.elections.models import BallotBox, Election
from app.elections.rules import ElectionState, marked, size
from tests.factories.accounts import make_person
from tests.factories.elections import make_election
from tests.factories.ergs import make_erg, make_member

VOTERS = 8


def together(app, acts) -> tuple[int, list[BaseException]]:
    """Run all acts at the same moment; how many were refused, and what broke."""
    barrier, refused, faults = Barrier(len(acts)), [], []

    def press(act) -> None:
        barrier.wait(timeout=60)
        try:
            with app.app_context(), writing() as db:
                act(db)
        except Refused as no:
            refused.append(no)
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=press, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(refused), faults


def test_no_ballot_is_lost_and_a_double_click_is_one_vote(context) -> None:
    with writing() as db:
        people = [make_person(db, f"Voter {n}").id for n in range(VOTERS)]
        erg = make_erg(db, "women", lead=make_person(db, "Lead Test").id)
        for person_id in people:
            make_member(db, erg, person_id)
        election_id = make_election(db, erg, candidates=people[:2]).id

    def vote(person_id):
        return lambda db: services.cast(db, person_id, election_id=election_id, ranking=[1, 2])

    refused, faults = together(context, [vote(p) for p in people for _twice in range(2)])
    assert (refused, faults) == (VOTERS, [])
    with writing() as db:
        box = db.get(BallotBox, election_id)
        assert (size(box.ballots), marked(box.voted)) == (VOTERS, VOTERS)


def test_two_signatures_at_once_certify_once(context) -> None:
    with writing() as db:
        lead, other, stands = (make_person(db, f"Person {n}").id for n in range(3))
        erg = make_erg(db, "quiet", lead=lead, says_sensitive=True)
        for person_id in (other, stands):
            make_member(db, erg, person_id)
        election_id = make_election(
            db, erg, ElectionState.COUNTED, candidates=[stands], votes={other: (1,)}
        ).id

    def sign(person_id):
        return lambda db: services.sign(db, person_id, election_id=election_id)

    refused, faults = together(context, [sign(p) for p in (lead, other) for _twice in range(2)])
    assert faults == [] and refused == 0
    with writing() as db:
        assert db.get(Election, election_id).state is ElectionState.CERTIFIED
