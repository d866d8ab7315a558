"""Leads and members write to each other: delivered, answered, and nobody is named."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core import clock, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.outbox import Recipient
from app.core.policies import Actor
from app.ergs import services
from app.ergs.models import Erg, RelayMessage, RelayThread
from app.ergs.queries import relay
from app.ergs.rules import Admission, MembershipState, RoleName, Visibility, alias
from app.ergs.services import relay as verbs
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member, make_role


@pytest.fixture
def world(context):
    """Dalia and Kai lead; Maria asks confidentially, Bo belongs visibly, Juno confidentially."""
    with writing() as db:
        ids = {
            n: make_person(db, f"{n.title()} T").id for n in ("dalia", "kai", "maria", "bo", "juno")
        }
        erg = make_erg(db, "pride", lead=ids["dalia"], admission=Admission.APPROVAL)
        make_member(db, erg, ids["kai"])
        make_role(db, erg, ids["kai"], RoleName.CO_LEAD)
        rows = {
            "maria": make_member(
                db,
                erg,
                ids["maria"],
                visibility=Visibility.NOBODY,
                state=MembershipState.REQUESTED,
            ).id,
            "bo": make_member(db, erg, ids["bo"]).id,
            "juno": make_member(db, erg, ids["juno"], visibility=Visibility.NOBODY).id,
        }
        return {**ids, "erg": erg.id, "rows": rows}


def write_to(world, who: str, by: str = "dalia", text: str = "Welcome! Any question?"):
    with writing() as db:
        return verbs.write_to(db, world[by], membership_id=world["rows"][who], text=text).id


def answer(world, by: str, thread_id, text: str = "Thank you, no."):
    with writing() as db:
        verbs.answer(db, world[by], thread_id=thread_id, text=text)


def seen_by(world, who: str, thread_id):
    with writing() as db:
        return relay.thread_for(db, Actor(person_id=world[who]), thread_id)


def test_a_message_to_an_alias_reaches_the_person_who_answers_under_it(world) -> None:
    thread_id = write_to(world, "maria")
    with writing() as db:
        first = db.scalar(select(RelayMessage.id))
        told = outbox.pending(db, "relay_message", first)
        assert {(d.person_id, d.channel) for d in told} == {
            (world["maria"], "mail"),
            (world["maria"], "in_app"),
        }
    answer(world, "maria", thread_id)
    for lead in ("dalia", "kai"):
        assert seen_by(world, lead, thread_id).name is None
    with writing() as db:
        last = db.scalars(select(RelayMessage.id).where(RelayMessage.lead_id.is_(None))).one()
        told = outbox.pending(db, "relay_message", last)
        assert {d.person_id for d in told} == {world["dalia"], world["kai"]}


def test_the_mail_says_only_that_there_is_a_message(world) -> None:
    write_to(world, "maria", text="Secret words")
    with writing() as db:
        row = outbox.pending(db, "relay_message", db.scalar(select(RelayMessage.id)))[0]
        to = Recipient(world["maria"], "Maria T", None, "en", "UTC")
        message = outbox.kinds["relay_message"].message(db, row, to)
    assert message.subject == "There is a message for you"
    assert not re.search(r"pride|dalia|maria|secret", repr(message), re.I)


def test_the_log_says_that_something_was_written_and_never_to_whom(world) -> None:
    thread_id = write_to(world, "maria")
    answer(world, "maria", thread_id)
    with writing() as db:
        rows = db.scalars(select(AuditEvent).where(AuditEvent.verb == "relay")).all()
    assert {row.actor_id for row in rows} == {world["dalia"], None}
    assert all(row.reason is None and row.after is None for row in rows)


def test_a_confidential_member_cannot_be_written_to_until_they_act(world) -> None:
    with pytest.raises(Refused):
        write_to(world, "juno")
    with writing() as db:
        thread = verbs.write_to_leads(db, world["juno"], erg_id=world["erg"], text="A question")
        assert thread.is_alias and thread.awaits_leads
        thread_id = thread.id
    answer(world, "kai", thread_id, "Here is an answer")
    with writing() as db:
        assert not db.get(RelayThread, thread_id).awaits_leads


def test_what_began_under_an_alias_stays_and_what_bore_a_name_goes_with_it(world) -> None:
    with writing() as db:
        hidden = verbs.write_to_leads(db, world["juno"], erg_id=world["erg"], text="Between us").id
    named = write_to(world, "bo")
    with writing() as db:
        for who, shown in (("juno", Visibility.COMPANY), ("bo", Visibility.NOBODY)):
            services.show_to(db, world[who], erg_id=world["erg"], visibility=shown)
    assert seen_by(world, "dalia", hidden).name is None, "an old alias never gets a name"
    assert seen_by(world, "dalia", named) is None, "who hides is on no list of leads"
    assert seen_by(world, "bo", named) is not None
    with writing() as db:
        erg = db.get(Erg, world["erg"])
        rows = relay.threads(db, erg, Actor(person_id=world["dalia"])).rows
        assert [thread.id for thread, *_ in rows] == [hidden]


def test_outsiders_and_other_members_find_nothing_and_nobody_presses(world) -> None:
    thread_id = write_to(world, "bo")
    assert seen_by(world, "juno", thread_id) is None
    with pytest.raises(Refused):
        answer(world, "juno", thread_id)
    for _ in range(2):
        answer(world, "dalia", thread_id, "Hello?")
    with pytest.raises(Refused, match="without an answer"):
        answer(world, "kai", thread_id, "Hello??")
    with clock.frozen(clock.now() + timedelta(hours=1)):
        answer(world, "bo", thread_id)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        answer(world, "kai", thread_id, "Good to hear")


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_empty_and_endless_messages_are_refused(world, text) -> None:
    with pytest.raises(Refused):
        write_to(world, "bo", text=text)


def test_a_whole_conversation_on_the_pages(browser, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "pride", lead=people["dalia"], admission=Admission.APPROVAL)
        row = make_member(
            db,
            erg,
            people["bo"],
            visibility=Visibility.NOBODY,
            state=MembershipState.REQUESTED,
        )
        name = f"Person {alias(row.id)}"
    dalia = browser("dalia").get("/ergs/pride/manage/").click("Write to them")
    assert dalia.has(f"To: {name}") and dalia.has("The person stays unnamed")
    dalia.submit("Send", text="")
    assert dalia.status == 422 and dalia.has("Please write something.")
    dalia.submit("Send", text="Hello! Do you need step-free access?")
    assert dalia.has("Your message is on its way.") and not dalia.has("Bo Test")
    bo = browser("bo").get("/ergs/pride/").click("Write to the leads")
    assert bo.has("step-free access") and bo.has("A lead of the group") and not bo.has("Dalia T")
    bo.submit("Send", text="Yes please.")
    assert bo.has("Your message is on its way.") and bo.has("Yes please.")
    dalia.get("/ergs/pride/manage/messages/")
    assert dalia.has(name) and dalia.has("Waits for an answer") and not dalia.has("Bo Test")
    assert dalia.get("/ergs/desk/").has("Wrote to the leads")
    dalia.get("/ergs/pride/manage/messages/").click(name).submit("No answer needed")
    assert dalia.has("Laid aside. The person is not told.")
    assert not dalia.get("/ergs/desk/").has("Wrote to the leads")
    stranger = browser("kai")
    assert stranger.get(bo.url).status == 404


def test_the_member_list_leads_to_a_message_for_leads_alone(app, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "pride", lead=people["dalia"])
        make_member(db, erg, people["bo"], visibility=Visibility.COMPANY)
        make_member(db, erg, people["kai"], visibility=Visibility.NOBODY)
    dalia = Browser(app).sign_in("dalia@t.example").get("/ergs/pride/members/")
    assert [t for t, _ in dalia.links() if "Write to" in t] == ["Write to Bo Test"]
    bo = Browser(app).sign_in("bo@t.example").get("/ergs/pride/members/")
    assert not [t for t, _ in bo.links() if "Write to" in t]
