"""Elections from the plan to the roles: who may what, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.jobs import sweeps
from app.core.outbox import Delivery, kinds
from app.elections import queries, services
from app.elections.models import BallotBox, Candidate, Election
from app.elections.rules import (
    ELECTION_TRANSITIONS,
    CandidateState,
    ElectionState,
    TieRule,
    digest,
    size,
)
from app.ergs import services as groups
from app.ergs.models import RoleGrant
from app.ergs.rules import RoleName, Visibility
from tests.factories.accounts import make_person
from tests.factories.elections import make_candidacy, make_election, make_plan, numbers
from tests.factories.ergs import make_chapter, make_erg, make_member, make_role

NAMES = ("lead", "ana", "bo", "chi", "dee", "maria", "mod")
S = ElectionState


@pytest.fixture
def world(context):
    """(group id, people by name); Maria is confidential, Mod a moderator, all but Out belong."""
    with writing() as db:
        people = {name: make_person(db, f"{name.title()} Test").id for name in (*NAMES, "out")}
        erg = make_erg(db, "women", lead=people["lead"], roster=Visibility.COMPANY)
        for name in NAMES[1:]:
            shown = Visibility.NOBODY if name == "maria" else Visibility.COMPANY
            make_member(db, erg, people[name], visibility=shown)
        make_role(db, erg, people["mod"], RoleName.MODERATOR)
        return erg.id, people


@pytest.fixture
def make(world):
    """Makes an election of the group; returns its id."""
    from app.ergs.models import Erg

    def build(*args, **traits):
        with writing() as db:
            names = traits.pop("candidates", ())
            votes = {world[1][n]: r for n, r in traits.pop("votes", {}).items()}
            return make_election(
                db,
                db.get(Erg, world[0]),
                *args,
                candidates=[world[1][n] for n in names],
                votes=votes,
                **traits,
            ).id

    return build


def act(verb, *args, **fields):
    with writing() as db:
        return verb(db, *args, **fields)


def state_of(election_id):
    with writing() as db:
        return db.get(Election, election_id).state


def test_the_transitions_lead_to_an_end() -> None:
    for state, following in ELECTION_TRANSITIONS.items():
        assert state not in following
        assert bool(following) is (state not in (S.CERTIFIED, S.VOID))
        assert not following or S.VOID in following


def test_only_leads_plan_and_nothing_announced_can_be_changed(world, make) -> None:
    erg_id, who = world
    with pytest.raises(Refused):
        act(services.plan, who["bo"], erg_id=erg_id, plan=make_plan())
    election_id = act(services.plan, who["lead"], erg_id=erg_id, plan=make_plan()).id
    changed = make_plan(tie_rule=TieRule.JOINT, seats=2)
    act(services.revise, who["lead"], election_id=election_id, plan=changed)
    act(services.announce, who["lead"], election_id=election_id)
    with pytest.raises(Refused, match="cannot be changed"):
        act(services.revise, who["lead"], election_id=election_id, plan=make_plan())
    with writing() as db:
        assert db.get(Election, election_id).tie_rule is TieRule.JOINT
    act(services.recall, who["lead"], election_id=election_id)
    act(services.revise, who["lead"], election_id=election_id, plan=make_plan())


@pytest.mark.parametrize(
    "wrong",
    [{"seats": 0}, {"role": RoleName.SPONSOR}, {"voting_on": datetime(2020, 1, 1).date()}],
)
def test_a_plan_that_makes_no_sense_is_refused(world, wrong) -> None:
    with pytest.raises(Refused):
        act(services.plan, world[1]["lead"], erg_id=world[0], plan=make_plan(**wrong))


def test_the_calendar_moves_an_election_and_a_second_run_changes_nothing(world, make) -> None:
    election_id = make(S.DRAFT)
    with writing() as db:
        at = db.get(Election, election_id)
        moments = (at.nominating_at, at.voting_at, at.closes_at)
    run = sweeps["elections"].run
    for moment, state in zip(moments, (S.NOMINATING, S.VOTING, S.COUNTED), strict=True):
        with clock.frozen(moment - timedelta(seconds=1)):
            run()
            assert state_of(election_id) is not state
        with clock.frozen(moment + timedelta(seconds=1)):
            run()
            run()
            assert state_of(election_id) is state
            if state is S.NOMINATING:
                act(services.stand, world[1]["ana"], election_id=election_id, statement="Hi")


def test_days_are_those_of_the_groups_zone(world, make) -> None:
    with writing() as db:
        erg = make_erg(db, "tokyo", lead=world[1]["lead"], zone="Asia/Tokyo")
        election = make_election(
            db,
            erg,
            S.DRAFT,
            voting_on=datetime(2030, 5, 2).date(),
            nominating_on=datetime(2030, 5, 1).date(),
            ends_on=datetime(2030, 5, 3).date(),
        )
        assert election.voting_at == datetime(2030, 5, 1, 15, tzinfo=UTC)
        assert election.closes_at == datetime(2030, 5, 3, 14, 59, tzinfo=UTC)


def test_without_a_candidate_the_vote_does_not_open(world, make) -> None:
    assert state_of(make(S.VOTING)) is S.VOID


def test_who_is_nominated_stands_only_by_accepting(world, make) -> None:
    who, election_id = world[1], make(S.NOMINATING)
    for _twice in range(2):
        act(services.nominate, who["bo"], election_id=election_id, person_id=who["ana"])
    with writing() as db:
        (row,) = db.scalars(select(Candidate)).all()
        assert row.state is CandidateState.PROPOSED and not row.election.standing
        assert len(outbox.pending(db, "election_nominated", row.id)) == 2, "mail and inbox"
    act(services.decline, who["ana"], election_id=election_id)
    act(services.nominate, who["bo"], election_id=election_id, person_id=who["ana"])
    with writing() as db:
        assert db.scalars(select(Candidate)).one().state is CandidateState.DECLINED
    act(services.stand, who["ana"], election_id=election_id, statement="Yes")
    with writing() as db:
        assert [c.shown_as for c in db.get(Election, election_id).standing] == ["Ana Test"]


def test_nobody_nominates_whom_they_do_not_see(world, make) -> None:
    """A confidential member and a stranger are refused with the same words."""
    who, election_id = world[1], make(S.NOMINATING)
    said = []
    for name in ("maria", "out"):
        with pytest.raises(Refused) as refused:
            act(services.nominate, who["bo"], election_id=election_id, person_id=who[name])
        said.append(refused.value.message)
    assert said[0] == said[1]
    act(services.stand, who["maria"], election_id=election_id, statement="Me")


def test_in_a_sensitive_group_a_candidate_shows_the_name_they_chose(world) -> None:
    who = world[1]
    with writing() as db:
        erg = make_erg(db, "pride", lead=who["lead"], roster=Visibility.NOBODY)
        make_member(db, erg, who["maria"], visibility=Visibility.NOBODY)
        election = make_election(db, erg, S.NOMINATING)
        said = services.stand(
            db, who["maria"], election_id=election.id, statement="", shown_as="M. from Lima"
        )
        assert said.shown_as == "M. from Lima"


def test_a_chapter_is_elected_by_those_who_chose_it(world) -> None:
    erg_id, who = world
    with writing() as db:
        from app.ergs.models import Erg

        erg = db.get(Erg, erg_id)
        chapter = make_chapter(db, erg, "lagos")
        for name in ("ana", "bo"):
            groups.show_to(
                db,
                who[name],
                erg_id=erg_id,
                visibility=Visibility.COMPANY,
                chapter_ids=[chapter.id],
            )
        db.expire_all()
        election = make_election(db, erg, chapter_id=chapter.id, candidates=[who["ana"]])
        assert set(queries.on_roll(db, election.id)) == {who["ana"], who["bo"]}
        asked = make_election(db, erg, S.NOMINATING, chapter_id=chapter.id, role=RoleName.COMMS)
        with pytest.raises(Refused, match="chapter"):
            services.stand(db, who["chi"], election_id=asked.id, statement="")


def test_the_roll_is_frozen_and_holds_confidential_members(world, make) -> None:
    erg_id, who = world
    election_id = make(candidates=["ana"])
    act(groups.join, who["out"], erg_id=erg_id)
    with pytest.raises(Refused) as late:
        act(services.cast, who["out"], election_id=election_id, ranking=[1])
    assert late.value.status == 403
    act(services.cast, who["maria"], election_id=election_id, ranking=[1])
    act(groups.leave, who["bo"], erg_id=erg_id)
    with pytest.raises(Refused):
        act(services.cast, who["bo"], election_id=election_id, ranking=[1])


def test_one_vote_each_for_good_and_only_while_voting_is_open(world, make) -> None:
    who = world[1]
    election_id = make(candidates=["ana", "chi"])
    for wrong in ([], [1, 1], [3], [1, 2, 3]):
        with pytest.raises(Refused):
            act(services.cast, who["bo"], election_id=election_id, ranking=wrong)
    act(services.cast, who["bo"], election_id=election_id, ranking=[2, 1])
    with pytest.raises(Refused, match="voted already"):
        act(services.cast, who["bo"], election_id=election_id, ranking=[1, 2])
    with writing() as db:
        closes = db.get(Election, election_id).closes_at
        assert db.get(BallotBox, election_id).ballots == [[[2, 1], 1]]
    with clock.frozen(closes), pytest.raises(Refused):
        act(services.cast, who["dee"], election_id=election_id, ranking=[1])


def test_nobody_counts_before_the_end_and_no_candidate_counts(world, make) -> None:
    who = world[1]
    election_id = make(candidates=["ana", "lead"])
    with writing() as db:
        closes = db.get(Election, election_id).closes_at
    with pytest.raises(Refused):
        act(services.close, who["lead"], election_id=election_id)
    other = make(candidates=["ana"], role=RoleName.COMMS)
    with pytest.raises(Refused, match="still open"):
        act(services.close, who["lead"], election_id=other)
    with clock.frozen(closes):
        with pytest.raises(Refused, match="candidate"):
            act(services.close, who["lead"], election_id=election_id)
        act(services.close, who["lead"], election_id=other)
    assert state_of(other) is S.COUNTED


VOTES = {"bo": (1, 2), "chi": (1, 2), "dee": (1, 2), "maria": (2,), "mod": (2, 1), "ana": (1,)}


def test_two_who_are_no_candidates_certify_and_the_elected_get_the_role(world, make) -> None:
    who = world[1]
    election_id = make(S.COUNTED, candidates=["ana", "chi"], votes=VOTES)
    for name in ("ana", "bo", "out"):
        with pytest.raises(Refused):
            act(services.sign, who[name], election_id=election_id)
    for _twice in range(2):
        act(services.sign, who["lead"], election_id=election_id)
    assert state_of(election_id) is S.COUNTED
    act(services.take_back, who["lead"], election_id=election_id)
    act(services.sign, who["lead"], election_id=election_id)
    act(services.sign, who["mod"], election_id=election_id)
    assert state_of(election_id) is S.CERTIFIED
    with writing() as db:
        election = db.get(Election, election_id)
        given = db.scalars(select(RoleGrant).where(RoleGrant.role == RoleName.CO_LEAD)).one()
        assert given.person_id == who["ana"]
        assert (given.starts_on, given.ends_on) == (election.term_starts_on, election.term_ends_on)
        found = queries.outcome(db, election)
        box = db.get(BallotBox, election_id)
        assert found.ballots == size(box.ballots) == len(VOTES)
        assert found.digest == digest(box.salt, box.ballots)


def test_who_has_left_meanwhile_gets_no_role(world, make) -> None:
    erg_id, who = world
    election_id = make(S.COUNTED, candidates=["ana"], votes={"bo": (1,)})
    act(groups.leave, who["ana"], erg_id=erg_id)
    act(services.sign, who["lead"], election_id=election_id)
    act(services.sign, who["mod"], election_id=election_id)
    with writing() as db:
        held = select(func.count()).where(RoleGrant.role == RoleName.CO_LEAD)
        assert state_of_in(db, election_id) is S.CERTIFIED and db.scalar(held) == 0


def state_of_in(db, election_id):
    return db.get(Election, election_id).state


def test_a_candidate_who_leaves_while_voting_is_passed_over(world, make) -> None:
    erg_id, who = world
    election_id = make(candidates=["ana", "chi"])
    with writing() as db:
        number = numbers(db, db.get(Election, election_id))
        closes = db.get(Election, election_id).closes_at
    ranking = [number[who["ana"]], number[who["chi"]]]
    act(services.cast, who["bo"], election_id=election_id, ranking=ranking)
    act(groups.leave, who["ana"], erg_id=erg_id)
    with clock.frozen(closes):
        sweeps["elections"].run()
    with writing() as db:
        found = queries.outcome(db, db.get(Election, election_id))
        assert found.result.elected == (number[who["chi"]],)


def test_void_needs_a_reason_and_no_candidate_voids(world, make) -> None:
    who = world[1]
    election_id = make(candidates=["ana", "lead"])
    with pytest.raises(Refused):
        act(services.void, who["lead"], election_id=election_id, reason="I am losing")
    other = make(candidates=["ana"], role=RoleName.COMMS)
    with pytest.raises(Refused, match="reason"):
        act(services.void, who["lead"], election_id=other, reason=" ")
    act(services.void, who["lead"], election_id=other, reason="Wrong days")
    assert state_of(other) is S.VOID


def test_an_archived_group_elects_nobody(world, make) -> None:
    erg_id, who = world
    election_id = make(candidates=["ana"])
    with writing() as db:
        services.archive(db, who["lead"], erg_id)
    assert state_of(election_id) is S.VOID


def wanted(kind: str, person) -> list[str | None]:
    with writing() as db:
        rows = db.scalars(
            select(Delivery).where(Delivery.kind == kind, Delivery.person_id == person)
        ).all()
        return [kinds[kind].wanted(db, row) for row in rows if row.channel == "mail"]


def test_one_reminder_to_those_who_have_not_voted(world, make) -> None:
    who = world[1]
    election_id = make(candidates=["ana"])
    act(services.cast, who["bo"], election_id=election_id, ranking=[1])
    assert wanted("election_reminder", who["bo"]) == ["voted"]
    assert wanted("election_reminder", who["maria"]) == [None]
    with writing() as db:
        row = db.scalars(select(Delivery).where(Delivery.kind == "election_reminder")).first()
        election = db.get(Election, election_id)
        assert election.voting_at < row.due_at < row.expires_at == election.closes_at


def test_messages_name_no_group_and_nobody(world) -> None:
    who = world[1]
    with writing() as db:
        erg = make_erg(db, "pride", lead=who["lead"], roster=Visibility.NOBODY, name="Pride")
        for name in ("ana", "maria"):
            make_member(db, erg, who[name], visibility=Visibility.NOBODY)
        asked = make_election(db, erg, S.NOMINATING, role=RoleName.COMMS)
        make_candidacy(db, asked, who["maria"])
        make_election(
            db,
            erg,
            S.CERTIFIED,
            candidates=[who["ana"]],
            votes={who["maria"]: (1,)},
            signers=[who["lead"], who["maria"]],
        )
        rows = db.scalars(select(Delivery).where(Delivery.kind.startswith("election"))).all()
        assert {row.kind for row in rows} >= {"election_nominating", "election_voting"}
        for row in rows:
            said = kinds[row.kind].message(db, row, None)
            text = " ".join([said.subject, *said.lines, said.link, said.link_text]).lower()
            for word in ("pride", "ana", "co-lead", "maria"):
                assert word not in text.split(), (row.kind, text)
            assert "pride" not in text
