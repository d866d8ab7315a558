"""Invitations and requests: consent always, deadlines kept, and nobody learns who belongs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Delivery, Recipient
from app.ergs import queries, services
from app.ergs.jobs.terms import end_invitations, remind
from app.ergs.models import Erg, Invitation, Membership
from app.ergs.queries import invitations
from app.ergs.rules import Admission, Discovery, MembershipState, News, RoleName, Visibility
from app.ergs.rules.invitations import InvitationState
from app.ergs.services import invitations as verbs
from app.ergs.services.membership import undo_decision
from app.ergs.services.relay import write_to_leads
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z"}


def later(**time):
    return clock.frozen(clock.now() + timedelta(**time))


@pytest.fixture
def world(context):
    """A group by invitation, led by Dalia; Maria and Bo do not belong."""
    with writing() as db:
        ids = {
            n: make_person(db, f"{n.title()} T", roles=("org_admin",) if n == "farid" else ()).id
            for n in ("dalia", "maria", "bo", "farid")
        }
        erg = make_erg(db, "safe", lead=ids["dalia"], admission=Admission.INVITE)
        return {**ids, "erg": erg.id}


def invite(world, who="maria", **how):
    with writing() as db:
        return verbs.invite(db, world["dalia"], erg_id=world["erg"], person_id=world[who], **how).id


def listed(world) -> list[str]:
    """Whom the leads wait for, as they see it."""
    with writing() as db:
        return [name for _row, name in invitations.invited(db, db.get(Erg, world["erg"])).rows]


def join(world, who="maria", visibility=Visibility.NOBODY):
    with writing() as db:
        return services.join(db, world[who], erg_id=world["erg"], visibility=visibility).state


def test_an_invitation_opens_the_door_and_changes_nothing_without_a_yes(world) -> None:
    with pytest.raises(Refused):
        join(world)
    invite(world)
    with writing() as db:
        assert not queries.belongs(db, world["maria"], [world["erg"]])
        assert world["erg"] in queries.standing_of(db, world["maria"]).known
    assert join(world) is MembershipState.ACTIVE


def test_who_accepts_visibly_leaves_the_list_and_who_accepts_confidentially_stays(world) -> None:
    for who, visibility in (("maria", Visibility.LEADS), ("bo", Visibility.NOBODY)):
        invite(world, who)
        join(world, who, visibility)
    assert listed(world) == ["Bo T"]
    with pytest.raises(Refused, match="already belongs"):
        invite(world)
    with later(days=15):
        assert listed(world) == []


def test_taking_back_what_was_accepted_confidentially_says_nothing_and_ends_nothing(world) -> None:
    invitation_id = invite(world, "bo")
    join(world, "bo")
    with writing() as db:
        verbs.withdraw_invitation(db, world["dalia"], invitation_id=invitation_id)
        assert queries.belongs(db, world["bo"], [world["erg"]])
    assert listed(world) == []


def test_a_no_and_a_deadline_end_it(world) -> None:
    refused, open_ = invite(world), invite(world, "bo", days=7)
    with pytest.raises(Refused), writing() as db:
        verbs.decline_invitation(db, world["bo"], invitation_id=refused)
    with writing() as db:
        verbs.decline_invitation(db, world["maria"], invitation_id=refused)
    assert listed(world) == ["Bo T"]
    with later(days=8):
        end_invitations()
        end_invitations()
        with writing() as db:
            assert db.get(Invitation, open_).state is InvitationState.EXPIRED
        with pytest.raises(Refused):
            join(world, "bo")


def test_inviting_twice_asks_once_and_only_leads_invite_colleagues(world) -> None:
    assert invite(world) == invite(world)
    with writing() as db:
        guest = make_person(db, "Lena Guest", kind="external")
        for by, who in ((world["bo"], world["maria"]), (world["dalia"], guest.id)):
            with pytest.raises(Refused):
                verbs.invite(db, by, erg_id=world["erg"], person_id=who)


def test_the_message_names_neither_group_nor_people(world) -> None:
    invitation_id = invite(world)
    with writing() as db:
        row = outbox.pending(db, "erg_invitation", invitation_id)[0]
        text = repr(outbox.kinds["erg_invitation"].message(db, row, to_(world["maria"])))
    assert not re.search(r"safe|dalia|maria", text, re.I)


def to_(person_id) -> Recipient:
    return Recipient(person_id, "Maria T", "m@t.example", "en", "UTC")


# requests


def asked(world, visibility=Visibility.LEADS):
    with writing() as db:
        db.get(Erg, world["erg"]).admission = Admission.APPROVAL
        db.flush()
        return services.join(db, world["maria"], erg_id=world["erg"], visibility=visibility).id


def test_a_request_that_waits_is_told_to_all_leads_and_then_counted_for_administrators(
    world,
) -> None:
    request_id = asked(world)
    for days, leads, admins in ((4, 0, 0), (9, 1, 0), (20, 1, 1)):
        with later(days=days):
            remind()
            remind()
            with writing() as db:
                told = outbox.pending(db, "erg_request_late", request_id)
                assert {d.person_id for d in told} == ({world["dalia"]} if leads else set())
                waiting = outbox.pending(db, "erg_requests_waiting", world["farid"])
                assert len({d.person_id for d in waiting}) == admins
    with later(days=20), writing() as db:
        kind = outbox.kinds["erg_requests_waiting"]
        message = kind.message(db, waiting[0], to_(world["farid"]))
    assert message.lines[0].startswith("1 request") and "safe" not in repr(message).lower()


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_a_leads_answer_can_be_taken_back_for_ten_minutes_and_is_told_only_then(world, act) -> None:
    request_id = asked(world)
    decide = {
        "approve": lambda db: services.approve(db, world["dalia"], request_id=request_id),
        "decline": lambda db: services.decline(
            db, world["dalia"], request_id=request_id, reason="Full"
        ),
    }[act]
    with writing() as db:
        decide(db)
        due = outbox.pending(db, "erg_decision", request_id)[0].due_at
        assert due >= clock.now() + timedelta(minutes=9)
    with later(minutes=9), writing() as db:
        row = undo_decision(db, world["dalia"], request_id=request_id)
        assert (row.state, row.reason, row.ended_at) == (MembershipState.REQUESTED, None, None)
        assert not outbox.pending(db, "erg_decision", request_id)
    with later(minutes=30), writing() as db:
        decide(db)
        assert outbox.pending(db, "erg_decision", request_id), "a second answer is told again"
    with later(minutes=41), pytest.raises(Refused), writing() as db:
        undo_decision(db, world["dalia"], request_id=request_id)


def test_undo_does_not_reach_members_whom_nobody_had_to_approve(world) -> None:
    with writing() as db:
        row = make_member(db, db.get(Erg, world["erg"]), world["bo"])
        with pytest.raises(Refused):
            undo_decision(db, world["dalia"], request_id=row.id)
        assert db.get(Membership, row.id).state is MembershipState.ACTIVE


def test_a_refused_person_may_be_invited_before_the_month_is_over(world) -> None:
    request_id = asked(world)
    with writing() as db:
        services.decline(db, world["dalia"], request_id=request_id, reason="Full")
    with pytest.raises(Refused, match="You can ask again from"):
        join(world)
    invite(world)
    assert join(world) is MembershipState.ACTIVE


def test_news_are_chosen_per_group(world) -> None:
    invite(world)
    with writing() as db:
        services.join(db, world["maria"], erg_id=world["erg"], news=News.NONE)
        assert world["maria"] not in queries.readers(db, world["erg"])
        services.show_to(
            db,
            world["maria"],
            erg_id=world["erg"],
            visibility=Visibility.NOBODY,
            news=News.DIGEST,
        )
        assert world["maria"] in queries.readers(db, world["erg"])


# pages


@pytest.fixture
def pages(people, write):
    """A hidden group that Dalia leads."""
    with write() as db:
        erg = make_erg(
            db,
            "circle",
            lead=people["dalia"],
            admission=Admission.INVITE,
            discovery=Discovery.HIDDEN,
            roster=Visibility.LEADS,
        )
        return erg.id


def test_dalia_invites_bo_who_finds_it_at_home_and_joins(browser, people, pages) -> None:
    bo = browser("bo")
    assert bo.get("/ergs/circle/").status == 404
    dalia = browser("dalia").get("/ergs/circle/manage/invitations/")
    assert dalia.has("Nobody is invited at the moment")
    dalia.get("/ergs/circle/manage/invitations/?q=bo").click("Bo Test").submit("Invite", days="7")
    assert dalia.has("Invited. The person decides") and dalia.has("Undo") and dalia.has("Bo Test")
    assert bo.get("/").has("You are invited to this group.")
    bo.click("Circle").submit("Join", visibility="nobody", news="none")
    assert bo.has("You belong to this group now.")
    again = dalia.get("/ergs/circle/manage/invitations/")
    assert again.has("Bo Test"), "a confidential yes looks like no answer"
    again.submit("Take back")
    assert again.has("The invitation is taken back.") and not again.has("Bo Test")
    assert bo.get("/ergs/circle/").has("You belong to this group")


def test_an_invitation_can_be_declined_and_only_its_person_sees_it(
    browser, people, pages, write
) -> None:
    with write() as db:
        row = verbs.invite(db, people["dalia"], erg_id=pages, person_id=people["bo"])
        path = f"/ergs/invitations/{row.id}/"
    assert browser("kai").get(path).status == 404
    bo = browser("bo").get(path).submit("No, thank you")
    assert bo.has("You said no. Nobody asks why.")
    assert bo.get(path).has("This invitation is over")
    assert bo.get("/ergs/circle/").status == 404


def comparable(browser: Browser) -> str:
    text = re.sub(r'nonce="[^"]+"|hx-nonce="[^"]+"', "", browser.html)
    text = re.sub(r'(csrf_token" value=|X-CSRFToken": )"[^"]+"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "an-id", text)


def walks(app, people, erg_id, write) -> list[list[tuple[int, str]]]:
    """What Dalia sees when she invites Bo: once as a stranger, once as a confidential member."""
    seen = []
    for is_member in (False, True):
        with write() as db:
            db.query(Invitation).delete()
            db.query(Membership).filter_by(person_id=people["bo"]).delete()
            if is_member:
                make_member(db, db.get(Erg, erg_id), people["bo"], visibility=Visibility.NOBODY)
        seen.append(walk(Browser(app).sign_in("dalia@t.example"), people["bo"]))
    return seen


def walk(dalia: Browser, person_id) -> list[tuple[int, str]]:
    """Search, choose, invite, list, desk, members, invite again, take back, propose a role."""
    place, steps = "/ergs/circle/manage/invitations/", []

    def look(browser: Browser) -> None:
        steps.append((browser.status, comparable(browser)))

    look(dalia.get(f"{place}?q=bo"))
    for _ in range(2):
        look(dalia.get(f"{place}?person={person_id}"))
        look(dalia.submit("Invite"))
        for path in (place, "/ergs/desk/", "/ergs/circle/members/"):
            look(dalia.get(path))
    dalia.get(place)
    if "Take back" in dalia.text:
        look(dalia.submit("Take back"))
    look(dalia.get(f"/ergs/circle/manage/roles/new?person={person_id}"))
    return steps


def test_inviting_a_confidential_member_looks_exactly_like_inviting_anybody(
    app, people, pages, write
) -> None:
    """Page by page, act by act, with and without the membership: not a byte differs."""
    stranger, member = walks(app, people, pages, write)
    assert stranger == member


def any_member(db, erg, person_id) -> bool:
    return queries.belongs(db, person_id, [erg.id])


LEAKS = {
    "a refusal to invite whoever belongs": ("shown_member", any_member),
    "a list without those who belong": (
        "SEEN_BY",
        {viewer: frozenset(Visibility) for viewer in invitations.SEEN_BY},
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_of_inviting_is_caught(app, people, pages, write, monkeypatch, leak) -> None:
    monkeypatch.setattr(invitations, *LEAKS[leak])
    stranger, member = walks(app, people, pages, write)
    assert stranger != member


def test_the_requester_sees_state_next_step_who_answers_by_when_and_the_way_back(
    browser, people, write
) -> None:
    with write() as db:
        make_erg(db, "safe", lead=people["dalia"], admission=Admission.APPROVAL)
    bo = browser("bo").get("/ergs/safe/").submit("Ask to join", visibility="leads")
    for words in ("You asked to join", "A lead answers", "Who answers: Dalia Test"):
        assert bo.get("/ergs/safe/").has(words), words
    dalia = browser("dalia").get("/ergs/safe/manage/")
    dalia.submit(action=dalia.form("Decline").get("action"), reason="Please come by first.")
    assert dalia.has("Declined. The person is told in ten minutes")
    assert bo.get("/ergs/safe/").has("You can ask again from")
    dalia.submit("Undo")
    assert dalia.has("Taken back. The request is open again.") and dalia.has("Bo Test")
    assert bo.get("/ergs/safe/").has("You asked to join")


@pytest.mark.parametrize("place", ["invitations", "roles", "messages"])
def test_the_leads_pages_cost_the_same_with_one_row_and_with_many(
    app, people, pages, queries, write, place
) -> None:
    dalia = Browser(app).sign_in("dalia@t.example")
    path = f"/ergs/circle/manage/{place}/"
    dalia.get(path)
    with queries() as few:
        dalia.get(path)
    with write() as db:
        for n in range(30):
            person = make_person(db, f"Person {n:03}")
            erg = db.get(Erg, pages)
            make_member(db, erg, person.id, visibility=Visibility.LEADS)
            make_role(db, erg, person.id, RoleName.COMMS)
            other = make_person(db, f"Other {n:03}")
            verbs.invite(db, people["dalia"], erg_id=pages, person_id=other.id)
            write_to_leads(db, person.id, erg_id=pages, text="Hello")
    with queries() as many:
        dalia.get(path)
    assert len(few) == len(many) <= 8, "\n".join(many)


def test_delivery_of_invitations_expires_with_them(world) -> None:
    invitation_id = invite(world, days=7)
    with writing() as db:
        row: Delivery = outbox.pending(db, "erg_invitation", invitation_id)[0]
        assert row.expires_at == db.get(Invitation, invitation_id).answer_by
