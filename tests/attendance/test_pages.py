"""Pages of attendance as people use them, with and without htmx."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.attendance import queries, services
from app.attendance.models import DoorScan
from app.attendance.rules import MaterialKind, NeedKind, room_code, spelled
from app.audit.models import AuditEvent
from app.core import clock
from app.ergs.models import Erg
from app.ergs.rules import Discovery, RoleName, Visibility
from app.events.models import Occurrence, Rsvp
from app.events.rules import Audience
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.attendance import code_of, make_date, make_place
from tests.factories.ergs import make_erg, make_member, make_role

PEOPLE = ("lead", "helper", "access", "goer", "shy", "outsider", "admin")

# What is drawn anew for every answer, whoever comes.
VARIES = (
    r'(nonce="|"X-CSRFToken": "|name="csrf_token" value="'
    r'|name="key" (?:type="hidden" )?value="|<time datetime=")[^"]+'
)


class World:
    """A group with all roles, a date at the door and one of the past."""


@pytest.fixture
def world(app, write) -> World:
    world = World()
    with write() as db:
        people = {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "admin" else (),
            ).id
            for name in PEOPLE
        }
        erg = make_erg(db, "women", lead=people["lead"], roster=Visibility.COMPANY)
        for name, role in (("helper", RoleName.CHECK_IN), ("access", RoleName.ACCESS_LEAD)):
            make_member(db, erg, people[name], visibility=Visibility.COMPANY)
            make_role(db, erg, people[name], role)
        now = make_date(db, erg, "Harvest dinner", 0.5, seats_online=None, guest_limit=2)
        world.goer = make_place(db, now, people["goer"], guests=1).id
        world.shy = make_place(db, now, people["shy"], visibility=Visibility.NOBODY).id
        over = make_date(db, erg, "First dinner", -30)
        make_place(db, over, people["goer"])
        services.ask_for_feedback(db, over.id)
        world.now, world.over, world.erg, world.people = now.id, over.id, erg.id, people
    return world


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def visit(request, app):
    def sign_in(who: str) -> Browser:
        return Browser(app, htmx=request.param).sign_in(f"{who}@t.example")

    return sign_in


def at(world, path: str = "", which: str = "now") -> str:
    return f"/events/{getattr(world, which)}/{path}"


def state_of(write, rsvp_id) -> str:
    with write() as db:
        return db.get(Rsvp, rsvp_id).state


def test_a_helper_checks_in_by_name_counts_guests_and_takes_it_back(world, visit, write):
    b = visit("helper").get(at(world, "check-in/"))
    assert b.has("Goer Test") and not b.has("Shy Test")
    b.submit("Check in", action=at(world, f"check-in/people/{world.goer}"))
    assert state_of(write, world.goer) == "checked_in"
    b.get(at(world, "check-in/"))
    b.submit("Count", guests="0")
    b.get(at(world, "check-in/?status=here")).submit("Undo")
    assert state_of(write, world.goer) == "going"


def test_while_it_is_on_who_runs_it_finds_check_in_above_the_answer(world, visit):
    lead, goer = visit("lead").get(at(world)), visit("goer").get(at(world))
    places = [lead.text.index(words) for words in ("Run the event", "Check-in", "Are you coming?")]
    assert places == sorted(places)
    assert goer.text.index("You are going") < goer.text.index("I am here: check in")


def test_a_typed_code_checks_in_and_nonsense_gets_a_sentence(world, visit, write):
    b = visit("helper").get(at(world, "check-in/"))
    action = at(world, "check-in/code")
    with write():
        code = spelled(code_of(world.shy))
    b.submit(action=action, code="nonsense")
    assert b.has("Not a code of this event")
    b.submit(action=action, code="")
    assert b.status == 422
    b.submit(action=action, code=code)
    assert b.has("Checked in") and not b.has("Shy Test")
    assert state_of(write, world.shy) == "checked_in"
    b.submit(action=action, code=code)
    assert b.has("Was checked in already")


def test_the_screen_shows_a_code_that_a_phone_enters(world, visit, write):
    with write() as db:
        del db
        digits = room_code(queries.key(), world.now, clock.now())
    screen = visit("helper").get(at(world, "check-in/screen"))
    assert screen.has("Code of the room")
    b = visit("goer").get(at(world, "here"))
    b.submit("Check in", digits="12")
    assert b.status == 422 and b.has("not the code on the screen")
    b.submit("Check in", digits=digits)
    assert b.has("You are checked in")
    assert state_of(write, world.goer) == "checked_in"


def test_ones_own_code_stands_on_the_phone_and_may_stay_there(world, visit, app):
    b = visit("goer").get(at(world, "code"))
    with app.app_context():
        assert b.has(spelled(code_of(world.goer)))
    assert b.headers["X-Trellis-Offline"] == str(world.people["goer"])
    assert visit("outsider").get(at(world, "code")).status == 404


def test_walk_ins_are_looked_up_and_get_a_seat(world, visit, write):
    b = visit("helper").get(at(world, "check-in/walk-in"))
    assert not b.has("Outsider Test")
    b.get(at(world, "check-in/walk-in?q=Outsider")).submit("In person")
    with write() as db:
        found = db.scalars(
            select(Rsvp.state).where(Rsvp.person_id == world.people["outsider"])
        ).one()
    assert found == "checked_in"


def test_the_scanner_sends_what_it_kept_and_gets_an_answer_for_each(world, visit, app, write):
    b = visit("helper").get(at(world, "check-in/scanner"))
    pack = b.client.get(at(world, "check-in/pack.json")).get_json()
    with app.app_context():
        assert pack == {"codes": sorted([code_of(world.goer), code_of(world.shy)])}
    rows = [
        {"id": str(uuid4()), "code": code, "at": clock.now().isoformat()}
        for code in (*pack["codes"], "XXXX")
    ]
    junk = [None, {"id": "no"}, 7, {"id": str(uuid4()), "code": 3, "at": "yesterday"}]
    body = {"scans": [*rows, *junk], "sent_at": clock.now().isoformat()}
    token = {"X-CSRFToken": b.form("Check in").find("input").get("value")}
    answer = b.client.post(at(world, "check-in/scans"), json=body, headers=token).get_json()
    told = {one["id"]: one["outcome"] for one in answer["results"]}
    assert [told[row["id"]] for row in rows] == ["checked_in", "checked_in", "unknown"]
    names = {one["who"] for one in answer["results"]}
    assert "Goer Test" in names and "Shy Test" not in names
    assert b.client.post(at(world, "check-in/scans"), data="{", headers=token).status_code == 422
    with write() as db:
        assert db.scalar(select(func.count()).select_from(DoorScan)) == 2


def test_the_door_is_closed_to_everybody_else(world, visit):
    for who in ("goer", "outsider", "admin", "access"):
        for path in ("check-in/", "check-in/scanner", "check-in/pack.json", "check-in/screen"):
            assert visit(who).get(at(world, path)).status == 404, (who, path)


def test_needs_are_said_answered_and_read_by_nobody_else(world, visit):
    b = visit("shy").get(at(world, "needs"))
    b.submit("Save", kinds=["diet"], text="No peanuts at all")
    for who in ("lead", "helper", "goer", "outsider", "admin"):
        page = visit(who).get(at(world, "access"))
        assert page.status == 403 and not page.has("peanuts"), who
    reader = visit("access").get(at(world, "access"))
    assert reader.has("No peanuts at all") and not reader.has("Shy Test")
    reader.submit("Cannot be arranged", answer="")
    assert reader.status == 422
    reader.submit("Cannot be arranged", answer="We cook apart from it")
    b.get(at(world, "needs"))
    assert b.has("We cook apart from it")
    b.submit("Delete what I said")
    assert not b.get(at(world, "needs")).has("peanuts")


def test_that_needs_were_read_is_written_down_without_a_word_of_them(world, visit, write):
    visit("access").get(at(world, "access"))
    visit("shy").get(at(world, "needs")).submit("Save", kinds=["diet"], text="Zebrafinch seeds")
    reader = visit("access").get(at(world, "access"))
    assert reader.has("Each time somebody opens this page is written down.")
    with write() as db:
        rows = db.scalars(select(AuditEvent).where(AuditEvent.verb == "read_needs")).all()
        [row] = rows  # the first look found nothing to read
        assert (row.actor_id, row.subject_id) == (world.people["access"], world.now)
        assert "Zebrafinch" not in f"{row.before}{row.after}{row.reason}"


def test_the_door_names_the_guests_of_those_it_names(world, visit, write):
    with write() as db:
        for rsvp_id, name in ((world.goer, "Ines Carvalho"), (world.shy, "Shy Spouse")):
            db.get(Rsvp, rsvp_id).guest_names = [name]
    helper = visit("helper").get(at(world, "check-in/"))
    assert helper.has("Ines Carvalho") and not helper.has("Shy Spouse")
    assert "Ines Carvalho" in helper.client.get(at(world, "check-in/attendance.csv")).text


def test_nobody_else_reads_needs_anywhere(world, visit, write):
    """Every page and file of the event and its group, to every role but the access lead."""
    with write() as db:
        services.say_needs(
            db,
            world.people["goer"],
            occurrence_id=world.now,
            kinds=[NeedKind.OTHER],
            text="Zebrafinch needs a perch",
        )
    paths = [
        "/",
        "/ergs/desk/",
        "/ergs/women/",
        at(world),
        at(world, "check-in/"),
        at(world, "check-in/attendance.csv"),
        at(world, "check-in/pack.json"),
        "/search?q=perch",
        "/notifications/",
    ]
    for who in ("lead", "helper", "outsider", "admin"):
        client = visit(who).client
        for path in paths:
            assert b"Zebrafinch" not in client.get(path).data, (who, path)


def test_the_desk_says_that_somebody_asked_and_nothing_more(world, visit, write):
    with write() as db:
        services.say_needs(
            db,
            world.people["goer"],
            occurrence_id=world.now,
            kinds=[NeedKind.DIET],
            text="Zebrafinch",
        )
    b = visit("access").get("/ergs/desk/")
    assert b.has("1 question about access waits for an answer") and not b.has("Zebrafinch")
    assert not visit("lead").get("/ergs/desk/").has("question about access")


def test_feedback_is_given_once_and_read_from_five_on(world, visit, write):
    b = visit("goer").get("/")
    assert b.has("Nobody can see who said what")
    b.get(at(world, "feedback", "over")).submit("Send")
    assert b.status == 422
    b.submit("Send", stars="4", good="The soup")
    assert not visit("goer").get("/").has("Nobody can see who said what")
    lead = visit("lead").get(at(world, "feedback/answers", "over"))
    assert lead.has("Nothing to read yet") and not lead.has("The soup")
    assert visit("helper").get(at(world, "feedback/answers", "over")).status == 403
    with write() as db:
        box = queries.box_of(db, world.over)
        box.shown = [[n, f"Soup {n}", ""] for n in (2, 3, 4, 5, 5)]
    lead.get(at(world, "feedback/answers", "over"))
    assert lead.has("3.8") and lead.has("Soup 4")


def test_what_was_missed_is_added_shown_and_taken_back(world, visit):
    b = visit("lead").get(at(world, "after/", "over"))
    b.submit("Add", kind="link", title="Slides", url="javascript:alert(1)")
    assert b.status == 422 and "Slides" in b.html
    b.submit("Add", kind="link", title="Slides", url="https://files.example/slides")
    assert b.has("Slides")
    reader = visit("outsider").get(at(world, "after/", "over"))
    assert reader.has("Slides") and not reader.has("Leave something")
    b.submit("Take back")
    assert not reader.get(at(world, "after/", "over")).has("Slides")


def test_the_file_is_what_the_page_shows(world, visit, write):
    client = visit("helper").client
    text = client.get(at(world, "check-in/attendance.csv?status=expected")).get_data(as_text=True)
    assert "Goer Test" in text and "Shy Test" not in text and "Person " in text
    assert client.get(at(world, "check-in/attendance.csv?q=Goer")).data.count(b"\r\n") == 2
    assert client.get(at(world, "check-in/attendance.xlsx")).status_code == 200
    with write() as db:
        verbs = db.scalars(select(AuditEvent.verb).where(AuditEvent.subject_id == world.now))
        assert list(verbs).count("export") == 3


def test_of_a_hidden_event_the_door_names_nobody(app, visit, write, world):
    with write() as db:
        erg = make_erg(
            db,
            "quiet",
            lead=world.people["lead"],
            discovery=Discovery.HIDDEN,
            roster=Visibility.NOBODY,
        )
        make_member(db, erg, world.people["goer"], visibility=Visibility.NOBODY)
        date = make_date(db, erg, "Quiet evening", 0.5, audience=Audience.MEMBERS)
        rsvp = make_place(db, date, world.people["goer"]).id
        world.quiet = date.id
    b = visit("lead").get(at(world, "check-in/", "quiet"))
    assert b.has("Nobody is listed") and not b.has("Goer")
    with app.app_context():
        code = code_of(rsvp)
    b.submit(action=at(world, "check-in/code", "quiet"), code=code)
    assert b.has("Checked in") and not b.has("Goer") and not b.has("Person ")
    assert b.get(at(world, "check-in/walk-in?q=Goer", "quiet")).has("Nobody is looked up")
    assert b"Goer" not in b.client.get(at(world, "check-in/attendance.csv", "quiet")).data
    own = visit("goer").get(at(world, "code", "quiet"))
    assert "X-Trellis-Offline" not in own.headers
    scanner = visit("lead").get(at(world, "check-in/scanner", "quiet"))
    assert "X-Trellis-Offline" not in scanner.headers


@pytest.mark.parametrize(
    ("who", "path", "which"),
    [
        ("helper", "check-in/", "now"),
        ("helper", "check-in/scanner", "now"),
        ("helper", "check-in/screen", "now"),
        ("helper", "check-in/walk-in?q=Test", "now"),
        ("goer", "code", "now"),
        ("goer", "here", "now"),
        ("goer", "needs", "now"),
        ("access", "access", "now"),
        ("goer", "feedback", "over"),
        ("lead", "feedback/answers", "over"),
        ("lead", "after/", "over"),
        ("goer", "", "now"),
        ("lead", "", "now"),
        ("goer", "", "over"),
        ("lead", "", "over"),
    ],
)
def test_a_page_costs_at_most_eight_statements(app, write, queries, world, who, path, which):
    b = Browser(app).sign_in(f"{who}@t.example")
    b.get(at(world, path, which))
    with write() as db:
        erg, date = db.get(Erg, world.erg), db.get(Occurrence, world.now)
        for n in range(12):
            person = make_person(db, f"Another Test {n}").id
            make_place(db, date, person)
            services.say_needs(db, person, occurrence_id=date.id, kinds=[NeedKind.QUIET], text="")
        for n in range(5):
            services.add_material(
                db,
                world.people["lead"],
                occurrence_id=world.over,
                kind=MaterialKind.LINK,
                title=f"Link {n}",
                url="https://example.org/",
            )
        assert erg
    with queries() as seen:
        b.get(at(world, path, which))
    assert b.status == 200
    # The event's own page gathers from three domains; whoever runs it pays for one more.
    assert len(seen) <= (9 if (who, path) == ("lead", "") else 8), seen


def test_nobody_but_leads_notices_that_somebody_comes_to_a_hidden_event(app, write, world):
    """RSVP, needs, check-in: every answer to a member and to the check-in role stays the same."""
    with write() as db:
        erg = make_erg(
            db,
            "quiet",
            lead=world.people["lead"],
            discovery=Discovery.HIDDEN,
            roster=Visibility.NOBODY,
        )
        for name in ("goer", "helper", "shy"):
            make_member(db, erg, world.people[name], visibility=Visibility.NOBODY)
        make_role(db, erg, world.people["helper"], RoleName.CHECK_IN)
        date = make_date(db, erg, "Quiet evening", 0.5, audience=Audience.MEMBERS)
        world.quiet = date.id
    paths = [at(world, path, "quiet") for path in ("", "here", "access", "after/")]
    door = ("", "?q=Goer", "?status=here", "scanner", "pack.json", "walk-in?q=Goer")
    paths += [at(world, f"check-in/{path}", "quiet") for path in door]
    paths += ["/", "/events/", "/notifications/", "/ergs/quiet/"]
    readers = [Browser(app).sign_in(f"{name}@t.example") for name in ("shy", "helper", "outsider")]

    now = clock.now()

    def read() -> dict[tuple[int, str], str]:
        found = {}
        for number, b in enumerate(readers):
            for path in paths:
                with clock.frozen(now):
                    body = b.client.get(path).get_data(as_text=True)
                found[number, path] = re.sub(VARIES, r"\1", body)
        return found

    before = read()
    assert any("Quiet evening" in body for body in before.values())
    with write() as db:
        person = world.people["goer"]
        rsvp = make_place(db, db.get(Occurrence, world.quiet), person)
        services.say_needs(db, person, occurrence_id=world.quiet, kinds=[NeedKind.QUIET], text="")
        services.type_code(
            db, world.people["lead"], occurrence_id=world.quiet, code=code_of(rsvp.id)
        )
    after = read()
    assert [key for key in before if before[key] != after[key]] == []
