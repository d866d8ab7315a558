"""Rounds of approval in the database: stages, deputies, deadlines, rules, undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.approvals import queries, services
from app.approvals.rules import ApprovalState, Decider, StepKind, Verdict
from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.errors import Refused
from app.ergs import services as ergs
from app.ergs.models import Erg
from app.ergs.rules import RoleName, Visibility
from app.posts import services as posts
from app.posts.models import Post
from app.posts.rules import PostState
from tests.factories.accounts import make_person
from tests.factories.approvals import make_chain, make_round, make_rule
from tests.factories.ergs import make_erg, make_member, make_role
from tests.factories.posts import make_post


@pytest.fixture
def world(in_context):
    """A group with a lead, a co-lead, communications and a sponsor, by first name."""
    with in_context() as db:
        ids = {
            name: make_person(db, f"{name.title()} T", f"{name}@t.example").id
            for name in ("lia", "cole", "wren", "sol", "ada")
        }
        erg = make_erg(db, "women", lead=ids["lia"])
        for name, role in (("cole", RoleName.CO_LEAD), ("wren", RoleName.COMMS)):
            make_member(db, erg, ids[name])
            make_role(db, erg, ids[name], role)
        make_role(db, erg, ids["sol"], RoleName.SPONSOR)
        make_chain(db, erg, Decider.LEAD, Decider.SPONSOR)
        ids["erg"] = erg.id
    return ids


def erg_of(db, world) -> Erg:
    return db.get(Erg, world["erg"])


def test_each_stage_says_yes_in_turn_and_the_last_one_approves(in_context, world) -> None:
    with in_context() as db:
        row = make_round(db, erg_of(db, world), world["wren"])
        with pytest.raises(Refused, match="turn"):
            services.decide(db, world["sol"], approval_id=row.id, verdict=Verdict.APPROVE)
        services.decide(db, world["lia"], approval_id=row.id, verdict=Verdict.APPROVE)
        assert db.get(Post, row.subject_id).state is PostState.IN_REVIEW
        services.decide(db, world["sol"], approval_id=row.id, verdict=Verdict.APPROVE)
        assert row.state is ApprovalState.APPROVED
        assert db.get(Post, row.subject_id).state is PostState.APPROVED
        with pytest.raises(Refused, match="meanwhile"):
            services.decide(
                db, world["lia"], approval_id=row.id, verdict=Verdict.REJECT, reason="x"
            )


def test_nobody_decides_about_what_they_wrote_or_asked_for(in_context, world) -> None:
    with in_context() as db:
        erg = erg_of(db, world)
        own = make_round(db, erg, world["lia"], "By the lead")
        with pytest.raises(Refused, match="never the author"):
            services.decide(db, world["lia"], approval_id=own.id, verdict=Verdict.APPROVE)
        others = make_post(db, erg, world["wren"], "Asked for by the lead")
        posts.submit(db, world["lia"], post_id=others.id)
        asked = queries.waiting_round(db, "post", others.id)
        with pytest.raises(Refused, match="never the author"):
            services.decide(db, world["lia"], approval_id=asked.id, verdict=Verdict.APPROVE)
        services.decide(db, world["cole"], approval_id=asked.id, verdict=Verdict.APPROVE)


def test_a_deputy_decides_on_the_days_given_but_never_for_the_author(in_context, world) -> None:
    with in_context() as db:
        erg, today = erg_of(db, world), clock.now().date()
        make_chain(db, erg, Decider.LEAD)
        make_member(db, erg, world["ada"])
        make_role(db, erg, world["ada"], RoleName.TREASURER)
        services.name_deputy(
            db,
            world["lia"],
            erg_id=erg.id,
            deputy_id=world["ada"],
            starts_on=today,
            ends_on=today + timedelta(days=3),
        )
        own = make_round(db, erg, world["lia"], "By the lead")
        with pytest.raises(Refused, match="turn"):
            services.decide(db, world["ada"], approval_id=own.id, verdict=Verdict.APPROVE)
        row = make_round(db, erg, world["wren"])
        with clock.frozen(clock.now() + timedelta(days=9)), pytest.raises(Refused, match="turn"):
            services.decide(db, world["ada"], approval_id=row.id, verdict=Verdict.APPROVE)
        services.decide(db, world["ada"], approval_id=row.id, verdict=Verdict.APPROVE)
        assert row.steps[-1].for_person_id == world["lia"]


def test_a_deputy_holds_a_role_and_loses_the_term_with_the_membership(in_context, world) -> None:
    with in_context() as db:
        today = clock.now().date()
        term = {"erg_id": world["erg"], "starts_on": today, "ends_on": today}
        with pytest.raises(Refused, match="somebody else"):
            services.name_deputy(db, world["lia"], deputy_id=world["ada"], **term)
        services.name_deputy(db, world["lia"], deputy_id=world["wren"], **term)
        ergs.leave(db, world["wren"], erg_id=world["erg"])
        assert queries.deputies(db, world["erg"]) == []


def test_a_group_whose_only_decider_is_the_author_asks_who_stands_behind(in_context, world) -> None:
    with in_context() as db:
        alone = make_erg(db, "small", lead=world["ada"])
        make_chain(db, alone, Decider.LEAD)
        with pytest.raises(Refused, match="Nobody but you"):
            make_round(db, alone, world["ada"], "Without a sponsor")
        make_role(db, alone, world["sol"], RoleName.SPONSOR)
        row = make_round(db, alone, world["ada"], "With a sponsor")
        services.decide(db, world["sol"], approval_id=row.id, verdict=Verdict.APPROVE)
        assert row.state is ApprovalState.APPROVED


def test_a_passed_deadline_asks_those_behind_once(in_context, world) -> None:
    with in_context() as db:
        row = make_round(db, erg_of(db, world), world["wren"])
        assert services.overdue(db) == []
        with clock.frozen(clock.now() + timedelta(days=6)):
            assert services.overdue(db) == [row.id]
            services.escalate(db, row.id)
            services.escalate(db, row.id)
            assert [step.kind for step in row.steps].count(StepKind.LATE) == 1
            told = [d.person_id for d in outbox.pending(db, "approval_waiting", row.id)]
            assert world["sol"] in told
            services.decide(db, world["sol"], approval_id=row.id, verdict=Verdict.APPROVE)


def test_a_rule_approves_at_once_but_not_for_whoever_made_it(in_context, world) -> None:
    with in_context() as db:
        erg = erg_of(db, world)
        make_rule(db, erg, {"kind": "announcement"}, by=world["lia"])
        assert make_round(db, erg, world["wren"], "One").state is ApprovalState.APPROVED
        assert make_round(db, erg, world["lia"], "Two").state is ApprovalState.WAITING
        rule = queries.rules_of(db, erg.id, "post")[0]
        services.end_rule(db, world["lia"], rule_id=rule.id)
        assert make_round(db, erg, world["wren"], "Three").state is ApprovalState.WAITING


def test_a_decision_is_taken_back_while_nothing_has_left(in_context, world) -> None:
    with in_context() as db:
        erg = erg_of(db, world)
        make_chain(db, erg, Decider.LEAD)
        row = make_round(db, erg, world["wren"])
        services.decide(db, world["lia"], approval_id=row.id, verdict=Verdict.REJECT, reason="No.")
        assert db.get(Post, row.subject_id).state is PostState.REJECTED
        services.undo(db, world["lia"], approval_id=row.id)
        assert row.state is ApprovalState.WAITING
        assert db.get(Post, row.subject_id).state is PostState.IN_REVIEW
        assert outbox.pending(db, "approval_decided", row.id) == []
        services.decide(db, world["lia"], approval_id=row.id, verdict=Verdict.APPROVE)
        with pytest.raises(Refused, match="last decision"):
            services.undo(db, world["cole"], approval_id=row.id)
        posts.send_now(db, world["wren"], post_id=row.subject_id)
        posts.send(db, row.subject_id)
        with pytest.raises(Refused, match="sent meanwhile"):
            services.undo(db, world["lia"], approval_id=row.id)


def test_changes_need_a_reason_and_the_history_keeps_every_round(in_context, world) -> None:
    with in_context() as db:
        row = make_round(db, erg_of(db, world), world["wren"])
        with pytest.raises(Refused, match="reason"):
            services.decide(db, world["lia"], approval_id=row.id, verdict=Verdict.CHANGES)
        services.decide(
            db,
            world["lia"],
            approval_id=row.id,
            verdict=Verdict.CHANGES,
            reason="A date is missing.",
        )
        posts.submit(db, world["wren"], post_id=row.subject_id)
        again = queries.waiting_round(db, "post", row.subject_id)
        assert again.id != row.id and row.steps[-1].reason == "A date is missing."


def test_the_log_names_no_confidential_decider(in_context, world) -> None:
    with in_context() as db:
        erg = make_erg(db, "quiet", lead=world["lia"], roster=Visibility.NOBODY)
        make_member(db, erg, world["wren"], visibility=Visibility.NOBODY)
        make_role(db, erg, world["wren"], RoleName.COMMS)
        make_chain(db, erg, Decider.COMMS)
        row = make_round(db, erg, world["lia"])
        services.decide(db, world["wren"], approval_id=row.id, verdict=Verdict.APPROVE)
        actors = db.scalars(select(AuditEvent.actor_id).where(AuditEvent.subject_id == row.id))
        assert world["wren"] not in list(actors)
