"""Who can read a concern: the people named before the first word, and nobody by rank."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.accounts.models import Person
from app.accounts.services import deactivate
from app.audit.models import AuditEvent
from app.concerns.jobs import tend_concerns
from app.concerns.models import Concern, ConcernHandler, ConcernRead
from app.concerns.rules import ConcernState, HandlerState, Outcome
from app.concerns.services import contact, handlers, handling, raising
from app.core import clock, delivery, outbox
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.demographics.services import add_root, drop_unused_roots, rewrap
from app.mentoring.models import Relationship
from app.mentoring.rules import InThePause, RelationshipState
from app.mentoring.services import closing, pausing
from app.programs.models import ProgramOrganizer
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.concerns import WORDS, let_handle, make_concern, make_handler
from tests.factories.mentoring import add_member, make_pair, plan_session
from tests.factories.programs import make_cohort

ADDED = "It happened again on Tuesday."


@pytest.fixture
def people(app) -> dict[str, Person]:
    """A pair, everybody around it, and handlers of whom two are near to somebody."""
    with app.app_context(), writing() as db:
        boss = make_handler(db, "Bea Boss", email="boss@t.example", password=PASSWORD)
        found = {
            "boss": boss,
            "mina": make_person(db, "Mina Mentee", "mina@t.example", PASSWORD),
            "omar": make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, manager_id=boss.id),
            "amara": make_person(
                db, "Amara Okafor", "amara@t.example", PASSWORD, ("program_manager",)
            ),
            "farid": make_person(db, "Farid Haddadin", "farid@t.example", PASSWORD, ("org_admin",)),
            "iris": make_person(db, "Iris Begay", "iris@t.example", PASSWORD, ("auditor",)),
            "grace": make_person(db, "Grace Walker", "grace@t.example", PASSWORD, ("hr_analyst",)),
            "hanna": make_handler(db, "Hanna Handler", email="hanna@t.example", password=PASSWORD),
            "tariq": make_handler(db, "Tariq Handler", email="tariq@t.example", password=PASSWORD),
        }
        found["runs"] = make_handler(db, "Rosa Runs", email="runs@t.example", password=PASSWORD)
        found["below"] = make_handler(
            db,
            "Udo Under",
            email="below@t.example",
            password=PASSWORD,
            manager_id=found["omar"].id,
        )
        cohort = make_cohort(db, "active", found["amara"])
        db.add(ProgramOrganizer(program_id=cohort.program_id, person_id=found["runs"].id))
        pair = make_pair(db, found["mina"], found["omar"], cohort)
        db.get_one(Relationship, pair.id).state = RelationshipState.ACTIVE
        plan_session(db, pair)
        found["pair"] = pair
        db.expunge_all()
        return found


def sign_in(app, name: str) -> Browser:
    return Browser(app).sign_in(f"{name}@t.example")


def raised(app, people, **form) -> tuple[Browser, str]:
    """Mina raises a concern by the pages; returns her browser and the concern's id."""
    mina = sign_in(app, "mina").get(f"/mentoring/{people['pair'].id}/")
    mina.click("Something is wrong?")
    mina.submit("Send", text=WORDS, **form)
    assert mina.status == 200 and mina.has("It is sent.")
    return mina, mina.url.rstrip("/").rsplit("/", 1)[-1]


def test_a_person_sees_who_reads_it_before_the_first_word_and_afterwards_who_did(app, people):
    mina = sign_in(app, "mina").get(f"/support/new?pair={people['pair'].id}")
    named = [name for name in NAMES if mina.has(name)]
    assert named == ["Hanna Handler", "Tariq Handler"], "nobody near to either of the two"
    mina.submit("Send", text="", readers=[])
    assert mina.status == 422 and mina.has("Write something first.")
    assert mina.has("Choose at least one person.")
    mina.submit("Send", text=WORDS, readers=[str(people["hanna"].id)])
    assert mina.has("It is sent.") and mina.has(WORDS) and mina.has("Nobody yet.")
    assert not mina.has("Tariq Handler"), "whom she took out does not read it"
    concern_id = mina.url.rstrip("/").rsplit("/", 1)[-1]

    hanna = sign_in(app, "hanna").get("/support/desk/")
    assert not hanna.has("Mina")
    hanna.click("Sent on")
    assert not hanna.has(WORDS) and not hanna.has("Mina Mentee"), "unopened it says nothing"
    hanna.submit("Open and read")
    assert hanna.has(WORDS) and hanna.has("Mina Mentee")
    hanna.submit("I look after it")
    hanna.submit("Keep the note", text="Speak with the site lead first.")
    hanna.submit(action=f"/support/desk/{concern_id}/answers", text="Can we talk tomorrow?")
    assert hanna.has("Sent to the person.")

    mina.get(f"/support/{concern_id}/")
    assert mina.has("Somebody looks after it") and mina.has("Can we talk tomorrow?")
    assert not mina.has("Nobody yet.") and not mina.has("site lead")
    mina.submit("Add", text=ADDED)
    assert mina.has(ADDED)
    with app.app_context():
        verbs = select(AuditEvent.verb, AuditEvent.actor_id, AuditEvent.reason)
        log = reading().execute(verbs.where(AuditEvent.subject_type == "concern")).all()
    assert ("concern_read", people["hanna"].id, None) in log
    assert people["mina"].id not in {actor for _verb, actor, _reason in log}
    assert not any(reason for *_row, reason in log)


NAMES = ("Bea Boss", "Hanna Handler", "Rosa Runs", "Tariq Handler", "Udo Under")
OTHERS = ("omar", "amara", "farid", "iris", "grace", "tariq", "boss", "runs", "below")


def test_nobody_else_can_open_it_whatever_their_role(app, people):
    mina, concern_id = raised(app, people, readers=[str(people["hanna"].id)])
    own, desk = f"/support/{concern_id}/", f"/support/desk/{concern_id}/"
    assert sign_in(app, "hanna").get(desk).status == 200
    absent = sign_in(app, "farid").get("/support/00000000-0000-4000-8000-000000000000/").html
    for name in OTHERS:
        browser = sign_in(app, name)
        for path in (own, desk, f"{own}readers", f"{desk}handover"):
            assert browser.get(path).status == 404, (name, path)
        if name == "farid":
            assert same(browser.get(own).html) == same(absent), "hidden and absent are one"
        if name in ("tariq", "boss"):
            assert browser.get("/support/desk/").has("Nothing to read")
    assert mina.get(desk).status == 404, "the person reads her own page, never the notes"
    assert sign_in(app, "hanna").get(own).status == 404


def same(html: str) -> str:
    """A page without what differs at each request."""
    html = re.sub(r"/support/[0-9a-f-]{36}/", "/support/id/", html)
    return re.sub(r'(nonce="|hx-nonce="|csrf_token" value="|X-CSRFToken": ")[^"]+', r"\1", html)


def test_a_reader_who_comes_too_near_or_loses_the_role_reads_no_more(app, people):
    mina, concern_id = raised(app, people, readers=[str(people["hanna"].id)])
    desk = f"/support/desk/{concern_id}/"
    hanna = sign_in(app, "hanna")
    assert hanna.get(desk).status == 200
    with app.app_context(), writing() as db:
        db.get_one(Person, people["omar"].id).manager_id = people["hanna"].id
        # What nobody can open any more says so, and whoever came too near gets no message of it.
        one = db.scalars(select(Concern)).one()
        raising.add_words(db, people["mina"].id, concern_id=one.id, text=ADDED)
        row = Delivery(person_id=people["hanna"].id, subject_id=one.id)
        assert outbox.kinds["something_to_read"].wanted(db, row) == "not a reader"
    mina.get(f"/support/{concern_id}/")
    assert mina.has("Nobody can read this at the moment") and not mina.has("Hanna Handler")
    assert hanna.get(desk).status == 404 and hanna.get("/support/desk/").has("Nothing to read")
    with app.app_context(), writing() as db, pytest.raises(Refused):
        handling.open_words(db, people["hanna"].id, concern_id=db.scalar(select(Concern.id)))
    with app.app_context(), writing() as db:
        db.get_one(Person, people["omar"].id).manager_id = people["boss"].id
        row = select(ConcernHandler.id).where(ConcernHandler.person_id == people["hanna"].id)
        handlers.end(db, people["farid"].id, role_id=db.scalars(row).one())
    assert sign_in(app, "hanna").get(desk).status == 404
    mina.get(f"/support/{concern_id}/")
    assert mina.has("Nobody can read this at the moment")
    mina.click("Choose who reads it")
    mina.submit("Let them read it", person=str(people["tariq"].id))
    assert mina.has("Tariq Handler")
    assert sign_in(app, "tariq").get(desk).status == 200


def test_what_a_handler_leaves_behind_goes_to_the_other_readers_and_waits_no_longer(app, people):
    raised(app, people)
    with app.app_context(), writing() as db:
        concern = db.scalars(select(Concern)).one()
        handling.take(db, people["hanna"].id, concern_id=concern.id)
    with app.app_context(), writing() as db:
        before = len(written_for(db, "something_to_read", people["tariq"]))
        deactivate(db, None, person_id=people["hanna"].id)
    with app.app_context():
        assert len(written_for(reading(), "something_to_read", people["tariq"])) > before
        assert written_for(reading(), "something_to_read", people["mina"])
    late = until_a_wednesday()
    sweep(app, late)
    with app.app_context(), clock.frozen(clock.now() + late):
        [row, *_more] = written_for(reading(), "something_waits", people["tariq"])
        assert outbox.kinds["something_waits"].wanted(reading(), row) is None
        with writing() as db:
            handling.take(db, people["tariq"].id, concern_id=concern.id)
        assert outbox.kinds["something_waits"].wanted(reading(), row) == "taken"


def test_who_comes_too_near_stops_reading_and_the_person_hears_of_it(app, people):
    mina, concern_id = raised(app, people, readers=[str(people["hanna"].id)])
    with app.app_context(), writing() as db:
        program_id = db.get_one(Relationship, people["pair"].id).cohort.program_id
        db.add(ProgramOrganizer(program_id=program_id, person_id=people["hanna"].id))
    for _twice in range(2):
        sweep(app, timedelta())
    with app.app_context():
        told = written_for(reading(), "something_to_read", people["mina"])
        assert len(told) == len({row.channel for row in told}), "once"
    sweep(app, until_a_wednesday())
    with app.app_context():
        assert len(written_for(reading(), "something_to_read", people["mina"])) > len(told)
    mina.get(f"/support/{concern_id}/").click("Choose who reads it")
    mina.submit("Let them read it", person=str(people["tariq"].id))
    assert sign_in(app, "tariq").get(f"/support/desk/{concern_id}/").status == 200


def until_a_wednesday() -> timedelta:
    """A week and more, to a day on which readers are reminded."""
    return timedelta(days=7 + (2 - clock.now().weekday()) % 7)


def written_for(db, kind: str, person: Person) -> list[Delivery]:
    rows = select(Delivery).where(Delivery.kind == kind, Delivery.person_id == person.id)
    return list(db.scalars(rows))


def test_contact_stops_also_where_nobody_can_read_why(app, people):
    with app.app_context(), writing() as db:
        for name in ("hanna", "tariq"):
            db.get_one(Person, people[name].id).manager_id = people["omar"].id
    mina = sign_in(app, "mina").get(f"/support/new?pair={people['pair'].id}")
    assert mina.has("only you can end the pause") and not mina.has("people named above")
    mina.submit("Stop contact now")
    assert mina.has("Contact is stopped.") and mina.has("Contact stopped on")
    own = mina.url
    with app.app_context():
        assert reading().get_one(Relationship, people["pair"].id).state is RelationshipState.PAUSED
    sweep(app, timedelta(days=60))
    with app.app_context():
        pair = reading().get_one(Relationship, people["pair"].id)
        assert pair.paused_until > clock.now().date() + timedelta(days=100), "it is prolonged"
        with writing() as db:
            db.get_one(Person, people["tariq"].id).manager_id = None
    mina.get(own).click("Choose who reads it")
    mina.submit("Let them read it", person=str(people["tariq"].id))
    mina.submit("Add", text=WORDS)
    assert sign_in(app, "tariq").get("/support/desk/").has("Sent on")


def test_contact_stops_only_in_the_way_that_was_shown(app, people):
    mina = sign_in(app, "mina").get(f"/support/new?pair={people['pair'].id}")
    assert mina.has("you rest for sixty days")
    with app.app_context(), writing() as db:
        until = clock.now().date() + timedelta(days=9)
        pausing.pause(
            db,
            people["omar"].id,
            relationship_id=people["pair"].id,
            until=until,
            in_the_pause=InThePause.CANCEL,
        )
    mina.submit("Send", text=WORDS, stops=True)
    assert mina.status == 422 and mina.has("This does something else by now.")
    assert WORDS in mina.html and mina.has("end the pair as anybody can")
    with app.app_context():
        assert not reading().scalars(select(Concern)).all()
        assert reading().get_one(Relationship, people["pair"].id).state is RelationshipState.PAUSED
        with writing() as db, pytest.raises(contact.WayChanged):
            make_concern(
                db,
                people["mina"].id,
                [people["hanna"].id],
                pair_id=people["pair"].id,
                stops_contact=True,
                way_shown=contact.Stop.REST,
            )
    mina.submit("Send")
    assert mina.has("It is sent.")
    with app.app_context():
        assert reading().get_one(Relationship, people["pair"].id).state is RelationshipState.CLOSED


def test_whoever_left_a_group_reads_the_names_of_their_own_time(app, people):
    with app.app_context(), writing() as db:
        group = make_pair(db, people["mina"], people["omar"])
        for name in ("Nour Third", "Udo Later"):
            add_member(db, group, make_person(db, name))
        by_name = {m.person.name: m for m in group.members}
        by_name["Mina Mentee"].left_at = clock.now() + timedelta(hours=1)
        by_name["Udo Later"].joined_at = clock.now() + timedelta(hours=2)
        group_id = group.id
    mina = sign_in(app, "mina").get("/support/")
    assert mina.has("Nour Third") and not mina.has("Udo Later")
    mina.get(f"/support/new?pair={group_id}")
    assert mina.has("Nour Third") and not mina.has("Udo Later")


def test_where_everybody_is_too_near_the_page_takes_no_words_and_names_who_helps_outside(
    app, people
):
    farid = sign_in(app, "farid").get("/support/handlers/")
    farid.submit("Save", outside="Helpline +00 800 5550", kept_months="6")
    assert farid.has("Saved.")
    with app.app_context(), writing() as db:
        for name in ("hanna", "tariq"):
            db.get_one(Person, people[name].id).manager_id = people["omar"].id
    mina = sign_in(app, "mina").get(f"/support/new?pair={people['pair'].id}")
    assert mina.has("Helpline +00 800 5550") and "<textarea" not in mina.html
    with app.app_context(), writing() as db, pytest.raises(Refused):
        make_concern(db, people["mina"].id, [people["hanna"].id], pair_id=people["pair"].id)


def test_a_pair_that_ended_a_person_a_program_and_anything_can_be_spoken_of(app, people):
    pair = people["pair"]
    with app.app_context(), writing() as db:
        closing.end(db, people["mina"].id, relationship_id=pair.id)
    mina = sign_in(app, "mina").get("/support/")
    mina.click("My time with Omar Mentor")
    assert not mina.has("Stop contact now"), "there is none to stop"
    mina.submit("Send", text=WORDS)
    assert mina.has("It is sent.")
    mina.get("/support/people?q=bea").click("Bea Boss")
    assert not any(mina.has(name) for name in ("Omar", "Udo Under"))
    mina.submit("Send", text=WORDS)
    mina.get("/support/").click("The program")
    assert not mina.has("Rosa Runs"), "organizers do not read about their own program"
    mina.submit("Send", text=WORDS)
    mina.get("/support/").click("Something else")
    assert all(mina.has(name) for name in NAMES)
    assert mina.get(f"/support/new?pair={people['hanna'].id}").status == 404
    assert sign_in(app, "grace").get(f"/support/new?pair={pair.id}").status == 404


def test_words_stand_in_no_file_and_no_mail_and_open_after_a_rotation(app, people, settings):
    _mina, concern_id = raised(app, people)
    with app.app_context():
        with writing() as db:
            concern = db.scalars(select(Concern)).one()
            handling.take(db, people["hanna"].id, concern_id=concern.id)
            handling.note(db, people["hanna"].id, concern_id=concern.id, text="Ask the site lead.")
        for channel in ("in_app", "mail"):
            while not delivery.deliver(channel):
                pass
        folder = Path(settings.data_dir)
        files = [file for file in folder.rglob("*") if file.is_file()]
        kept = b"".join(file.read_bytes() for file in files)
        database = settings.database_url.removeprefix("sqlite:///")
        if database.startswith("/"):
            kept += b"".join(f.read_bytes() for f in Path(database).parent.glob("*.sqlite3*"))
            assert b"Mina Mentee" in kept, "the file is looked at"
        mails = [f.read_text("utf-8", "replace") for f in folder.glob("outbox/*.eml")]
        rows = b""
        with writing() as db:
            for table in ("concern", "concern_entry", "audit_event", "delivery", "notification"):
                for row in db.execute(text(f"SELECT * FROM {table}")):
                    rows += repr(
                        tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                    ).encode()
            sealed = db.execute(text("SELECT sealed FROM concern_entry")).all()
        assert len(sealed) == 2
        for secret in ("comments on my body", "site lead"):
            assert secret.encode() not in kept + rows
            assert not any(secret in mail for mail in mails)
        about = [mail for mail in mails if "something for you to read" in mail]
        assert len(about) == 3, "two readers, and the person when somebody took it"
        for word in ("oncern", "Omar", concern_id, "desk", "wrong"):
            assert not any(word in mail for mail in about), word
        to_readers = [mail for mail in about if "mina@t.example" not in mail]
        assert len(to_readers) == 2 and not any("Mina" in mail for mail in to_readers)
        add_root()
        with writing() as db:
            while rewrap(db, None):
                pass
        with writing() as db:
            assert drop_unused_roots(db) >= 1
    assert sign_in(app, "mina").get(f"/support/{concern_id}/").has(WORDS)


def test_what_is_taken_back_is_destroyed_and_what_is_old_is_deleted(app, people):
    mina, concern_id = raised(app, people)
    mina.submit("Take it back")
    assert mina.has("taken back") and not mina.has(WORDS)
    hanna = sign_in(app, "hanna").get(f"/support/desk/{concern_id}/").submit("Open and read")
    assert not hanna.has(WORDS) and hanna.has("took it back")
    with app.app_context():
        concern = reading().scalars(select(Concern)).one()
        assert (concern.state, concern.outcome) == (ConcernState.CLOSED, Outcome.WITHDRAWN)
        assert concern.wrapped is None
        day = concern.purge_on
        assert day > clock.now().date() + timedelta(days=360)
    sweep(app, day - clock.now().date() - timedelta(days=1))
    assert mina.get(f"/support/{concern_id}/").status == 200
    sweep(app, day - clock.now().date())
    with app.app_context():
        for model in (Concern, ConcernRead):
            assert reading().scalars(select(model)).all() == []


def sweep(app, later: timedelta) -> None:
    with app.app_context(), clock.frozen(clock.now() + later):
        tend_concerns()


def test_only_readers_are_reminded_once_a_working_day_until_somebody_takes_it(app, people):
    monday = clock.now().replace(year=2027, month=3, day=1, hour=9)
    with app.app_context():
        with writing() as db, clock.frozen(monday):
            concern = make_concern(db, people["mina"].id, [people["hanna"].id])
        assert concern.triage_by == (monday + timedelta(days=2)).date()
        told = []
        for days in (1, 2, 2, 3, 5, 7):
            with clock.frozen(monday + timedelta(days=days)):
                tend_concerns()
            told.append(waiting(people))
        assert told == [0, 1, 1, 2, 2, 3], "once a day, none on Saturday"
        with writing() as db:
            handling.take(db, people["hanna"].id, concern_id=concern.id)
        with clock.frozen(monday + timedelta(days=8)):
            tend_concerns()
        assert waiting(people) == 0


def waiting(people) -> int:
    rows = reading().scalars(
        select(Delivery).where(
            Delivery.kind == "something_waits",
            Delivery.channel == "mail",
            Delivery.state == DeliveryState.PENDING,
        )
    )
    found = list(rows)
    assert {row.person_id for row in found} <= {people["hanna"].id}
    return len(found)


def test_two_administrators_choose_a_handler_and_nobody_themselves(app, people):
    with app.app_context(), writing() as db:
        make_person(db, "Ada Admin", "ada@t.example", PASSWORD, ("org_admin",))
    farid = sign_in(app, "farid").get("/support/handlers/?q=grace")
    farid.submit("Propose")
    assert farid.has("Waits for another administrator")
    with app.app_context(), writing() as db:
        role = db.scalars(
            select(ConcernHandler).where(ConcernHandler.state == HandlerState.PROPOSED)
        ).one()
        with pytest.raises(Refused, match="themselves"):
            handlers.propose(db, people["farid"].id, person_id=people["farid"].id)
        with pytest.raises(Refused, match="Another administrator"):
            handlers.confirm(db, people["farid"].id, role_id=role.id)
    assert sign_in(app, "grace").get("/support/desk/").status == 403
    ada = sign_in(app, "ada").get("/support/handlers/")
    ada.submit("Agree")
    assert ada.has("Confirmed.")
    assert sign_in(app, "grace").get("/support/desk/").status == 200
    assert ada.get("/support/desk/").status == 403, "administrators read nothing"


def test_pages_cost_few_statements_whatever_there_is(app, people, queries):
    def costs() -> list[int]:
        paths = {
            "mina": ["/support/", f"/support/new?pair={people['pair'].id}", f"/support/{first}/"],
            "hanna": [
                "/support/desk/",
                f"/support/desk/{first}/",
                f"/support/desk/{first}/handover",
            ],
            "farid": ["/support/handlers/", "/support/handlers/?q=hanna"],
        }
        found = []
        for name, addresses in paths.items():
            browser = sign_in(app, name).get("/support/")
            for path in addresses:
                with queries() as seen:
                    assert browser.get(path).status == 200
                found.append(len(seen))
        return found

    _mina, first = raised(app, people)
    sign_in(app, "hanna").get(f"/support/desk/{first}/").submit("Open and read")
    few = costs()
    with app.app_context(), writing() as db:
        for _more in range(6):
            concern = make_concern(
                db,
                people["mina"].id,
                [people["hanna"].id, people["tariq"].id],
                pair_id=people["pair"].id,
            )
            raising.add_words(db, people["mina"].id, concern_id=concern.id, text=ADDED)
    assert costs() == few
    assert max(few) <= 8, few


def test_a_concern_is_not_found_by_search_and_stands_in_no_cache(app, people):
    mina, concern_id = raised(app, people)
    assert not mina.get("/search?q=comments").has("comments on my body")
    answer = mina.client.get(f"/support/{concern_id}/")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "X-Trellis-Offline" not in answer.headers
    assert "data-leave" in answer.get_data(as_text=True)


def test_a_handler_who_is_concerned_hands_it_on_only_to_somebody_far_enough(app, people):
    _mina, concern_id = raised(app, people, readers=[str(people["hanna"].id)])
    hanna = sign_in(app, "hanna").get(f"/support/desk/{concern_id}/handover")
    offered = [name for name in NAMES if name in hanna.html.split("<main", 1)[1]]
    assert offered == ["Tariq Handler"]
    hanna.submit("Hand it over", person=str(people["tariq"].id))
    assert hanna.has("Handed over.")
    mina = sign_in(app, "mina").get(f"/support/{concern_id}/")
    assert mina.has("Tariq Handler"), "she sees at once who reads it, too"
    with app.app_context(), writing() as db:
        let_handle(db, people["grace"].id)
        with pytest.raises(Refused):
            handling.hand_over(
                db,
                people["hanna"].id,
                concern_id=db.scalar(select(Concern.id)),
                person_id=people["boss"].id,
            )
