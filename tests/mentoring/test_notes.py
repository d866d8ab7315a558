"""Notes: read by whom they say, saved while one writes, and no text is ever lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.audit.models import AuditEvent
from app.core import clock
from app.core.database import reading, writing
from app.core.errors import Refused
from app.mentoring import jobs
from app.mentoring.models import Note, NoteVersion
from app.mentoring.rules import NoteScope
from app.mentoring.rules.notes import joined, lost, plain
from app.mentoring.services import continuity, notes
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.mentoring import make_note, make_pair
from tests.factories.programs import make_cohort

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def pair(app):
    with app.app_context(), writing() as db:
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD)
        return make_pair(db, mentee, mentor)


@pytest.fixture
def shared(app, pair):
    """A shared note of Mina's, and the two."""
    with app.app_context(), writing() as db:
        note = make_note(db, pair, "Agenda", NoteScope.SHARED)
        return note.id, *(member.person_id for member in pair.members)


def signed_in(app, who: str, htmx: bool = False) -> Browser:
    return Browser(app, htmx=htmx, lang="en").sign_in(f"{who}@t.example")


def texts(note_id) -> list[str]:
    """Every text that is kept of a note."""
    found = select(NoteVersion.text).where(NoteVersion.note_id == note_id)
    return sorted(reading().scalars(found))


def save(who, note_id, text, seen, **more):
    with writing() as db:
        return notes.save(db, who, note_id=note_id, text=text, seen=seen, **more)


# -- two people, one note --------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
@pytest.mark.parametrize("keep", ["mine", "theirs", "both"])
def test_whoever_saves_second_sees_both_texts_and_decides(app, shared, htmx, keep):
    note_id, *_ = shared
    mina, omar = signed_in(app, "mina", htmx), signed_in(app, "omar", htmx)
    for browser in (mina, omar):
        browser.get(f"/mentoring/notes/{note_id}")
    mina.submit("Save", text="Agenda\nBudget")
    assert mina.has("Your note is saved"), mina.text
    omar.submit("Save", text="Agenda\nHiring")
    assert omar.has("Two texts of one note") and omar.has("by Mina Mentee"), omar.text
    assert omar.has("Budget") and omar.has("Hiring") and 'value="both"' in omar.html
    with app.app_context():
        assert reading().get_one(Note, note_id).text == "Agenda\nBudget"
        assert texts(note_id) == ["Agenda", "Agenda\nBudget", "Agenda\nHiring"]
    omar.submit({"mine": "Keep mine", "theirs": "Keep this one", "both": "Keep this text"}[keep])
    assert omar.has("Decided"), omar.text
    after = {
        "mine": "Agenda\nHiring",
        "theirs": "Agenda\nBudget",
        "both": "Agenda\nBudget\nHiring",
    }
    with app.app_context():
        assert reading().get_one(Note, note_id).text == after[keep]
        assert set(texts(note_id)) >= {"Agenda", "Agenda\nBudget", "Agenda\nHiring"}
    assert not omar.get(f"/mentoring/notes/{note_id}").has("Compare both")


def test_a_text_that_stands_aside_is_its_writers_alone(app, shared):
    note_id, mina, omar = shared
    with app.app_context():
        save(mina, note_id, "Hers", 1)
        aside = save(omar, note_id, "His, not put in yet", 1)
        assert aside.number is None
    page = f"/mentoring/notes/{note_id}"
    for path in (page, f"{page}/versions", f"{page}/beside/{aside.id}"):
        assert not signed_in(app, "mina").get(path).has("not put in yet")
    assert signed_in(app, "omar").get(page).has("Compare both")


def test_a_decision_about_a_note_that_changed_once_more_is_asked_again(app, shared):
    note_id, mina, omar = shared
    with app.app_context():
        save(mina, note_id, "Second", 1)
        aside = save(omar, note_id, "His", 1)
    browser = signed_in(app, "omar").get(f"/mentoring/notes/{note_id}/beside/{aside.id}")
    with app.app_context():
        save(mina, note_id, "Third", 2)
    browser.submit("Keep this text", text="His and second")
    assert browser.has("once more") and browser.has("Third") and browser.has("His and second")
    with app.app_context():
        assert reading().get_one(Note, note_id).text == "Third"
        assert {"Second", "Third", "His", "His and second"} <= set(texts(note_id))


def test_what_was_written_for_a_deleted_note_becomes_a_note_of_ones_own(app, shared):
    note_id, mina, _omar = shared
    browser = signed_in(app, "omar").get(f"/mentoring/notes/{note_id}")
    with app.app_context(), writing() as db:
        notes.delete_note(db, mina, note_id=note_id)
    browser.submit("Save", text="Written on the train")
    assert browser.has("Your own note") and browser.has("Written on the train"), browser.text


def test_many_who_save_at_once_lose_nothing(app, shared):
    note_id, *people = shared

    def run(number: int) -> None:
        with app.app_context():
            for _again in range(2):
                save(people[number % 2], note_id, f"Text {number}", 1, key=f"phone {number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(6)))
    with app.app_context():
        assert texts(note_id) == ["Agenda", *(f"Text {number}" for number in range(6))]
        numbered = select(func.count(NoteVersion.number)).where(NoteVersion.note_id == note_id)
        assert reading().scalar(numbered) == 2, "the first one, and whoever saved first"


# -- saved while one writes ------------------------------------------------------------------------


def test_while_one_types_there_is_one_version_and_nothing_sent_twice_counts_twice(app, shared):
    note_id, mina, _ = shared
    with app.app_context(), clock.frozen(NOON):
        typed = "Agenda and what I learned"
        for turn, end in enumerate(range(7, len(typed) + 1, 3), 2):
            for _again in range(2):
                saved = save(mina, note_id, typed[:end], 1, key="page", turn=turn)
        assert saved.text == typed and texts(note_id) == ["Agenda", typed]
        late = save(mina, note_id, typed[:10], 1, key="page", turn=3)
        assert late.text == typed and reading().get_one(Note, note_id).text == typed
        rows = select(func.count()).where(AuditEvent.verb == "note_saved")
        assert reading().scalar(rows) == 1, "one line in the log, not one a second"


def test_what_is_deleted_while_typing_stays_a_version(app, shared):
    note_id, mina, _ = shared
    long = "A thought that took me the whole ride home to put into words."
    with app.app_context(), clock.frozen(NOON):
        for turn, text in enumerate((long, "", "No.", "No. Wait."), 2):
            save(mina, note_id, text, 1, key="page", turn=turn)
        assert texts(note_id) == ["Agenda", long, "No. Wait."] or long in texts(note_id)
    with app.app_context(), clock.frozen(NOON + 11 * MINUTE):
        save(mina, note_id, "No. Wait. Yes.", 1, key="page", turn=9)
        assert {"No. Wait.", "No. Wait. Yes."} <= set(texts(note_id)), "a version is ten minutes"


def test_typing_goes_on_beside_a_note_that_somebody_else_has_saved(app, shared):
    note_id, mina, omar = shared
    with app.app_context():
        save(omar, note_id, "Agenda, m", 1, key="phone", turn=2)
        save(mina, note_id, "Agenda of Mina", 2)
        for turn, text in enumerate(("Agenda, mine", "Agenda, mine too"), 3):
            beside = save(omar, note_id, text, 2, key="phone", turn=turn)
        assert beside.number is None and beside.text == "Agenda, mine too"
        assert reading().get_one(Note, note_id).text == "Agenda of Mina"


def test_a_page_that_is_open_saves_by_itself_and_without_script_by_its_button(app, shared):
    note_id, *_ = shared
    mina = signed_in(app, "mina", htmx=True).get(f"/mentoring/notes/{note_id}")
    form = mina.form("Save")
    assert "input delay" in (form.get("hx-trigger") or "")
    fields = {e.get("name"): e.get("value") for e in form.iter("input")}
    typed = {**fields, "text": "Agenda, typed", "turn": "2"}
    answer = mina.client.post(form.get("action"), data=typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Saved at" in answer.text and "<html" not in answer.text
    assert 'name="seen" value="2"' in answer.text
    assert mina.client.post(form.get("action"), data=typed).status_code == 303
    assert signed_in(app, "omar").get(f"/mentoring/notes/{note_id}").has("Agenda, typed")


def test_a_new_note_is_one_however_often_it_is_sent(app, pair):
    path = f"/mentoring/{pair.id}/notes"
    mina = signed_in(app, "mina").get(path)
    fields = {e.get("name"): e.get("value") for e in mina.form("Save the note").iter("input")}
    for turn, (text, scope) in enumerate([("On", "own"), ("On it", "own"), ("On it", "shared")], 2):
        sent = {**fields, "text": text, "scope": scope, "turn": str(turn), "queued": "1"}
        for _again in range(2):
            answer = mina.client.post(path, data=sent)
            assert answer.json["said"] and answer.json["to"].startswith("/mentoring/notes/")
    with app.app_context():
        [note] = reading().scalars(select(Note))
        assert (note.text, note.scope) == ("On it", NoteScope.SHARED)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_text_that_is_too_long_is_refused_with_everything_kept(app, shared, htmx):
    note_id, *_ = shared
    mina = signed_in(app, "mina", htmx).get(f"/mentoring/notes/{note_id}")
    mina.submit("Save", text="x" * 20_001)
    assert mina.status == 422 and mina.has("Use 20000 characters at most"), mina.text[:500]


@pytest.mark.parametrize("field", ["turn", "seen"])
@pytest.mark.parametrize("value", ["", "-1", "x", "²", "9" * 40])
def test_odd_numbers_lose_no_text(app, shared, field, value):
    note_id, *_ = shared
    mina = signed_in(app, "mina").get(f"/mentoring/notes/{note_id}")
    mina.submit("Save", text="Odd", **{field: value})
    with app.app_context():
        assert "Odd" in texts(note_id)


def test_what_arrives_late_shares_nothing_again(app, pair):
    mina, omar = (member.person_id for member in pair.members)

    def send(text: str, scope: NoteScope, turn: int) -> None:
        more = {"relationship_id": pair.id, "key": "page", "turn": turn}
        with writing() as db:
            notes.write(db, mina, text=text, scope=scope, **more)

    with app.app_context():
        send("Aloud", NoteScope.SHARED, 4)
        send("Aloud", NoteScope.OWN, 6)
        send("Aloud", NoteScope.SHARED, 5)
        [note] = reading().scalars(select(Note))
        assert note.scope is NoteScope.OWN
        send("Aloud, and in private", NoteScope.OWN, 7)
        send("Aloud again", NoteScope.SHARED, 8)
        found = reading().scalars(select(NoteVersion).where(NoteVersion.note_id == note.id))
        seen = {version.text for version in found if version.is_read_by(omar)}
        assert seen >= {"Aloud", "Aloud again"}


def test_words_typed_in_private_stay_private_when_the_note_is_shared_again(app, pair):
    mina, omar = (member.person_id for member in pair.members)
    with app.app_context(), clock.frozen(NOON):
        with writing() as db:
            note_id = make_note(db, pair, "Agenda", NoteScope.SHARED).id
        save(mina, note_id, "Agenda one", 1, key="page", turn=2)
        with writing() as db:
            notes.share(db, mina, note_id=note_id, scope=NoteScope.OWN)
        seen = reading().get_one(Note, note_id).revision
        save(mina, note_id, "Agenda one. He is late again", seen, key="page", turn=3)
        save(mina, note_id, "Agenda one", seen + 1, key="phone")
        with writing() as db:
            notes.share(db, mina, note_id=note_id, scope=NoteScope.SHARED)
        found = reading().scalars(select(NoteVersion).where(NoteVersion.note_id == note_id)).all()
        assert not [v.text for v in found if v.is_read_by(omar) and "late again" in v.text]


@pytest.mark.parametrize("queued", [True, False], ids=["queued", "button"])
def test_a_text_that_arrives_twice_after_its_note_was_deleted_is_answered(app, pair, queued):
    path = f"/mentoring/{pair.id}/notes"
    mina = signed_in(app, "mina").get(path)
    fields = {e.get("name"): e.get("value") for e in mina.form("Save the note").iter("input")}
    sent = {**fields, "text": "On it", "scope": "own", "turn": "2", "queued": "1" if queued else ""}
    mina.client.post(path, data=sent)
    with app.app_context(), writing() as db:
        note = db.scalars(select(Note)).one()
        notes.delete_note(db, note.author_id, note_id=note.id)
    for where in (path, f"/mentoring/notes/{note.id}"):
        answer = mina.client.post(where, data=sent)
        if queued:
            assert "was deleted" in answer.json["said"] and answer.json["to"] == path
        else:
            assert answer.status_code == 303 and answer.location.endswith(path)
    with app.app_context():
        assert [note.text for note in reading().scalars(select(Note))] == ["On it"]


# -- earlier versions ------------------------------------------------------------------------------


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_earlier_version_comes_back_as_a_new_one(app, shared, htmx):
    note_id, mina, _ = shared
    with app.app_context():
        save(mina, note_id, "Overwritten by mistake", 1)
    omar = signed_in(app, "omar", htmx).get(f"/mentoring/notes/{note_id}").click("Earlier versions")
    assert omar.has("As it stands now") and omar.has("Mina Mentee"), omar.text
    omar.submit("Make this the note")
    assert omar.has("is the note again"), omar.text
    with app.app_context():
        assert reading().get_one(Note, note_id).text == "Agenda"
        assert texts(note_id) == ["Agenda", "Agenda", "Overwritten by mistake"]


def test_sharing_a_note_shares_no_earlier_text(app, pair):
    mina_id, omar_id = (member.person_id for member in pair.members)
    with app.app_context():
        with writing() as db:
            note_id = make_note(db, pair, "He talks too much").id
        save(mina_id, note_id, "Ask him to listen more", 1)
    mina = signed_in(app, "mina").get(f"/mentoring/notes/{note_id}")
    assert signed_in(app, "omar").get(f"/mentoring/notes/{note_id}").status == 404
    mina.submit("Share this note")
    omar = signed_in(app, "omar").get(f"/mentoring/notes/{note_id}")
    assert omar.has("Ask him to listen more")
    assert not omar.click("Earlier versions").has("He talks too much")
    assert mina.click("Earlier versions").has("He talks too much")
    mina.get(f"/mentoring/notes/{note_id}").submit("Keep it to myself")
    assert omar.get(f"/mentoring/notes/{note_id}").status == 404
    with app.app_context():
        with writing() as db:
            notes.share(db, mina_id, note_id=note_id, scope=NoteScope.SHARED)
        save(omar_id, note_id, "Noted", reading().get_one(Note, note_id).revision)
        with writing() as db, pytest.raises(Refused, match="Somebody else has written"):
            notes.share(db, mina_id, note_id=note_id, scope=NoteScope.OWN)


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_a_deleted_note_comes_back_for_thirty_days_and_then_is_gone(app, shared, htmx):
    note_id, _mina, omar_id = shared
    mina = signed_in(app, "mina", htmx).get(f"/mentoring/notes/{note_id}")
    mina.submit("Delete this note")
    assert mina.has("bring it back for thirty days")
    assert signed_in(app, "omar").get(f"/mentoring/notes/{note_id}").status == 404
    mina.submit("Undo")
    assert mina.has("The note is back") and mina.has("Agenda"), mina.text
    mina.submit("Delete this note")
    mina.get(mina.url.split("?")[0] + "?show=deleted")
    assert mina.has("Bring it back")
    with app.app_context():
        deleted = reading().get_one(Note, note_id).deleted_at
        for day, left in ((29, 1), (30, 0), (31, 0)):
            with clock.frozen(deleted + timedelta(days=day)):
                jobs.purge_notes()
            assert len(texts(note_id)) == left
        with writing() as db, pytest.raises(Refused):
            notes.bring_back(db, omar_id, note_id=note_id)


# -- who reads what --------------------------------------------------------------------------------


def test_no_route_leads_anybody_else_to_a_note(app, pair):
    """Every GET and POST that names a note or a text of one, by everybody who is not its reader."""
    with app.app_context(), writing() as db:
        amara = make_person(db, "Amara", "amara@t.example", PASSWORD, ("program_manager",))
        make_person(db, "Farid", "farid@t.example", PASSWORD, ("org_admin",))
        otto = make_person(db, "Otto", "otto@t.example", PASSWORD)
        cohort = make_cohort(db, "active", amara)
        make_pair(db, otto, make_person(db, "Pia"), cohort)
        pair.cohort.manager_id = None
        own, shared = (
            make_note(db, pair, f"secret {scope}", scope) for scope in (NoteScope.OWN, "shared")
        )
        aside = {
            note.id: notes._add(db, note, note.author_id, "beside", None, f"k{note.id}", 1).id
            for note in (own, shared)
        }
    app.config["WTF_CSRF_ENABLED"] = False
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("mentoring.") or "note_id" not in rule.arguments:
            continue
        for who in ("otto", "amara", "farid", "omar"):
            client = signed_in(app, who).client
            for note_id, version_id in aside.items():
                known = {"note_id": note_id, "version_id": version_id}
                if who == "omar" and note_id == shared.id and "version_id" not in rule.arguments:
                    continue
                url = app.url_map.bind("localhost").build(
                    rule.endpoint, {name: known[name] for name in rule.arguments}
                )
                for method in rule.methods & {"GET", "POST"}:
                    answer = client.open(url, method=method)
                    assert answer.status_code == 404, (who, method, url)
                    tried += 1
    assert tried > 60
    for who in ("otto", "amara", "farid"):
        assert signed_in(app, who).get(f"/mentoring/{pair.id}/notes").status == 404
    assert not signed_in(app, "omar").get(f"/mentoring/{pair.id}/notes").has("secret own")


def test_each_note_says_who_can_see_it(app, pair, shared):
    with app.app_context(), writing() as db:
        own = make_note(db, pair, "Mine").id
    mina = signed_in(app, "mina")
    assert mina.get(f"/mentoring/notes/{own}").has("Who can see this: you alone")
    assert mina.get(f"/mentoring/notes/{shared[0]}").has("Who can see this: you and your partner")


def test_erasure_takes_what_was_ones_own_and_leaves_what_is_shared(app, pair, shared):
    note_id, mina, omar = shared
    with app.app_context():
        with writing() as db:
            own = make_note(db, pair, "Hers alone").id
            theirs = make_note(db, pair, "His alone", by=1).id
            opened = make_note(db, pair, "Before it was shared").id
            notes.share(db, mina, note_id=opened, scope=NoteScope.SHARED)
            notes.save(db, omar, note_id=note_id, text="Agenda, his line", seen=1)
            notes.save(db, mina, note_id=note_id, text="Agenda, her line", seen=2)
            notes.save(db, mina, note_id=note_id, text="Hers, aside", seen=1)
        with writing() as db:
            continuity.erase(db, mina)
        assert reading().get(Note, own) is None and texts(own) == []
        assert reading().get_one(Note, theirs).text == "His alone"
        assert texts(note_id) == ["Agenda", "Agenda, her line", "Agenda, his line"]
        kept = select(NoteVersion.scope).where(NoteVersion.note_id == opened)
        assert reading().scalars(kept).all() == [NoteScope.SHARED]


def test_the_list_searches_and_narrows_as_everywhere(app, pair, shared):
    with app.app_context(), writing() as db:
        make_note(db, pair, "Über die Größe des Teams")
        make_note(db, pair, "自己紹介の練習をする", NoteScope.SHARED)
        make_note(db, pair, "عن الأهداف")
        for n in range(20):
            make_note(db, pair, f"Filler {n}", NoteScope.SHARED)
    mina = signed_in(app, "mina")
    path = f"/mentoring/{pair.id}/notes"
    for q, found in (("uber gros", "Größe"), ("練習", "自己紹介"), ("اهداف", "الأهداف")):
        assert mina.get(f"{path}?q={q}").has(found), q
        assert not mina.has("Filler")
    assert mina.get(f"{path}?q=nowhere").has("Nothing here fits")
    assert mina.get(f"{path}?show=own").has("Größe") and not mina.has("Filler")
    assert mina.get(f"{path}?page=2").has("Agenda") and mina.has("Page 2 of 2")


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_pages_of_notes_stay_within_eight_statements(app, pair, shared, queries, many):
    note_id, mina_id, omar_id = shared
    with app.app_context():
        for n in range(1, 25 if many else 2):
            save(mina_id, note_id, f"Agenda {n}", n)
        aside = save(omar_id, note_id, "His", 1).id
        with writing() as db:
            for n in range(30 if many else 1):
                make_note(db, pair, f"n{n}", NoteScope.SHARED, n % 2)
    omar, page = signed_in(app, "omar"), f"/mentoring/notes/{note_id}"
    list_ = f"/mentoring/{pair.id}/notes"
    for path in (list_, f"{list_}?q=n1", page, f"{page}/versions", f"{page}/beside/{aside}"):
        with queries() as seen:
            assert omar.get(path).status == 200
        assert len(seen) <= 8, (path, len(seen), seen)


def test_pages_of_notes_are_kept_for_their_reader_alone(app, pair, shared):
    mina = signed_in(app, "mina")
    for path in (f"/mentoring/{pair.id}/notes", f"/mentoring/notes/{shared[0]}"):
        assert mina.get(path).headers["X-Trellis-Offline"] == str(pair.members[0].person_id)
    assert "X-Trellis-Offline" not in mina.get(f"/mentoring/{pair.id}/").headers
    assert "X-Trellis-Offline" not in mina.get(f"/mentoring/notes/{shared[0]}/versions").headers


# -- the rules -------------------------------------------------------------------------------------

lines = st.lists(st.sampled_from("abc "), max_size=6).map("\n".join)


@given(lines, lines)
def test_two_texts_joined_hold_every_line_of_both_in_order(theirs, mine):
    both = iter(joined(theirs, mine).splitlines())
    assert all(line in both for line in theirs.splitlines())
    both = iter(joined(theirs, mine).splitlines())
    assert all(line in both for line in mine.splitlines())
    assert joined(theirs, theirs).splitlines() == theirs.splitlines()


@given(st.text("ab", max_size=8), st.text("ab", max_size=4), st.integers(0, 8))
def test_what_is_only_typed_in_loses_nothing(text, typed, at):
    assert lost(text, text[:at] + typed + text[at:]) == 0
    assert lost(text, "") == len(text)
    assert lost(text + "XYZ", text) == 3


def test_a_text_has_one_kind_of_line_end():
    assert plain("a \r\nb\rc\n\n") == "a\nb\nc"
