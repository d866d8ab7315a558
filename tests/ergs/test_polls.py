"""A group stops being confidential only when each member agrees; nobody learns who did not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, text

from app.accounts.models import SignIn
from app.audit.models import AuditEvent
from app.core import clock, keyring, outbox
from app.core.database import writing
from app.core.errors import Refused
from app.core.settings import load
from app.ergs import services
from app.ergs.jobs.polls import advance_polls
from app.ergs.models import Erg, ErgPoll, ErgSnapshot, Membership
from app.ergs.queries import polls
from app.ergs.rules import Visibility
from app.ergs.rules import polls as rules
from app.ergs.rules.polls import PollState, agrees, counted_on
from app.ergs.rules.snapshots import Band
from app.ergs.services.polls import PAD
from app.factory import create_app
from tests.client import PASSWORD
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.outing import apart, read

LARGE = Band(10, 24)


@pytest.fixture(autouse=True)
def no_lot(request, monkeypatch):
    """Outcomes are those of the answers; the lot has a test of its own."""
    monkeypatch.setattr(rules, "LOST_LOTS", 0)


@pytest.fixture
def environ(environ):
    """Random parts of pages depend on nothing but who asks, so that pages can be compared."""
    return {**environ, "TRELLIS_NOW": "2026-11-21T09:00Z", "TRELLIS_SEED": "polls"}


@pytest.fixture
def at(request):
    """Set the clock to a day; set back afterwards."""
    yield lambda day: clock.configure(f"{day}T09:00Z")
    clock.configure(None)


@pytest.fixture
def world(at, app, write):
    """A confidential group: Dalia leads, Bo and Juno belong, Juno is seen by nobody."""
    at("2026-11-21")
    with write() as db:
        ids = {
            name: make_person(db, f"{name.title()} T", f"{name}@t.example", PASSWORD).id
            for name in ("dalia", "bo", "juno", "elena")
        }
        erg = make_erg(db, "pride", lead=ids["dalia"], roster="leads", says_sensitive=True)
        make_member(db, erg, ids["bo"], visibility=Visibility.MEMBERS)
        make_member(db, erg, ids["juno"], visibility=Visibility.NOBODY)
        db.add(ErgSnapshot(erg_id=erg.id, taken_on=date(2026, 11, 1), low=10, high=24))
        db.add(ErgSnapshot(erg_id=erg.id, taken_on=date(2027, 1, 1), low=10, high=24))
        return {**ids, "erg": erg.id, "app": app, "write": write}


def sweep(world):
    with world["app"].app_context():
        advance_polls()


def ask(world, by="dalia"):
    with world["write"]() as db:
        return services.open_poll(db, world[by], erg_id=world["erg"], roster=Visibility.MEMBERS).id


def say(world, poll_id, *names, is_yes=True):
    for name in names:
        with world["write"]() as db:
            services.answer_poll(db, world[name], poll_id=poll_id, is_yes=is_yes)


def state_of(world, poll_id):
    with world["write"]() as db:
        return db.get_one(ErgPoll, poll_id).state


def test_everybody_has_four_weeks_and_the_count_falls_on_the_first_of_a_month() -> None:
    for n in range(400):
        opened = date(2026, 1, 1) + timedelta(days=n)
        counted = counted_on(opened)
        assert counted.day == 1 and 28 <= (counted - opened).days <= 60


def test_each_member_has_to_agree_and_one_poll_in_four_is_lost_by_lot(world, monkeypatch) -> None:
    a, b, c = world["dalia"], world["bo"], world["juno"]
    assert agrees({a, b}, {a, b, c}, LARGE, 0)
    assert not agrees({a, b, c}, {a, b}, LARGE, 255), "no answer is a no"
    assert not agrees({a, b}, {a, b}, Band(0, 9), 255) and not agrees({a}, {a}, None, 255)
    monkeypatch.undo()
    won = sum(agrees({a}, {a}, LARGE, lot) for lot in range(rules.LOTS))
    assert won / rules.LOTS == 0.75


def test_a_yes_of_all_holds_after_a_month_of_notice(world, at) -> None:
    poll_id = ask(world)
    say(world, poll_id, "dalia", "bo", "juno")
    at("2026-12-31")
    sweep(world)
    assert state_of(world, poll_id) is PollState.OPEN
    at("2027-01-01")
    sweep(world)
    with world["write"]() as db:
        assert db.get_one(Erg, world["erg"]).opens_on == date(2027, 1, 31)
        assert db.get_one(Erg, world["erg"]).is_sensitive, "nothing opens before its day"
    at("2027-01-31")
    for _ in range(2):
        sweep(world)
    with world["write"]() as db:
        erg, row = db.get_one(Erg, world["erg"]), db.get_one(ErgPoll, poll_id)
        assert row.state is PollState.DONE and row.sealed is None and row.wrapped is None
        assert not erg.is_sensitive and erg.roster is Visibility.MEMBERS and erg.opens_on is None
        juno = db.scalars(select(Membership).where(Membership.person_id == world["juno"])).one()
        assert juno.visibility is Visibility.NOBODY, "one's own choice stays"


@pytest.mark.parametrize("change", ["silent", "joined", "took_back"])
def test_one_who_does_not_agree_is_enough(world, at, change) -> None:
    poll_id = ask(world)
    say(world, poll_id, "dalia", "bo", *(["juno"] if change != "silent" else []))
    if change == "joined":
        with world["write"]() as db:
            services.join(db, world["elena"], erg_id=world["erg"])
    at("2027-01-01")
    sweep(world)
    if change == "took_back":
        assert state_of(world, poll_id) is PollState.AGREED
        say(world, poll_id, "bo", is_yes=False)
        assert state_of(world, poll_id) is PollState.AGREED, "nothing moves when somebody answers"
        with pytest.raises(Refused, match="counted"):
            say(world, poll_id, "bo")
        at("2027-01-31")
        sweep(world)
    with world["write"]() as db:
        erg = db.get_one(Erg, world["erg"])
        assert db.get_one(ErgPoll, poll_id).state is PollState.STAYS
        assert erg.is_sensitive and erg.opens_on is None


def test_who_leaves_takes_the_answer_along_and_stands_in_nobodys_way(world, at) -> None:
    poll_id = ask(world)
    say(world, poll_id, "dalia", "bo")
    with world["write"]() as db:
        services.leave(db, world["juno"], erg_id=world["erg"])
        services.leave(db, world["bo"], erg_id=world["erg"])
        assert polls.consenting(db.get_one(ErgPoll, poll_id)) == {world["dalia"]}
    at("2027-01-01")
    sweep(world)
    assert state_of(world, poll_id) is PollState.AGREED


def test_who_may_ask_and_when(world, at) -> None:
    with pytest.raises(Refused, match="Only the leads"):
        ask(world, "bo")
    first = ask(world)
    with pytest.raises(Refused, match="already"):
        ask(world)
    with pytest.raises(Refused, match="Only members"):
        say(world, first, "elena")
    with world["write"]() as db:
        services.withdraw_poll(db, world["dalia"], poll_id=first)
        assert outbox.pending(db, "erg_poll", first) == [], "nobody hears of a slip"
    second = ask(world)
    at("2026-12-01")
    with world["write"]() as db:
        services.withdraw_poll(db, world["dalia"], poll_id=second)
    with pytest.raises(Refused, match="not long ago"):
        ask(world)


def test_a_small_or_open_group_is_not_asked(world) -> None:
    with world["write"]() as db:
        db.query(ErgSnapshot).delete()
    with pytest.raises(Refused, match="too small"):
        ask(world)
    with world["write"]() as db:
        women = make_erg(db, "women", lead=world["dalia"]).id
    with pytest.raises(Refused, match="not bound"), world["write"]() as db:
        services.open_poll(db, world["dalia"], erg_id=women, roster=Visibility.MEMBERS)


def test_the_database_tells_neither_who_answered_nor_how_many(world) -> None:
    """Everything that can be read is compared before and after answers, the sealed list aside."""
    poll_id = ask(world)
    before = _all_rows(world)
    say(world, poll_id, "dalia", "bo", "juno")
    say(world, poll_id, "bo", is_yes=False)
    after = _all_rows(world)
    assert {table: rows for table, rows in before.items() if after[table] != rows} == {}
    with world["write"]() as db:
        row = db.get_one(ErgPoll, poll_id)
        assert row.sealed is not None and len(row.sealed) == PAD + 28
        assert all(world[n].bytes not in row.sealed for n in ("dalia", "juno"))
        said = polls.consenting(row)
        assert said == {world["dalia"], world["juno"]}
        root = keyring.keyring()
        keyring.keep(keyring.Keyring("next", {**root.roots, "next": b"n" * 32}))
        assert keyring.wrapped_keys["erg_polls"].rewrap(db) == 1
        assert keyring.wrapped_keys["erg_polls"].roots(db) == {"next"}
        assert polls.consenting(row) == said, "a new root key loses no answer"


def _all_rows(world) -> dict[str, list[str]]:
    with world["write"]() as db:
        names = [t for t in Erg.metadata.tables if t != "outbox_wake"]
        found = {
            name: sorted(map(repr, db.execute(text(f'SELECT * FROM "{name}"')).mappings()))
            for name in names
        }
        found["erg_poll"] = sorted(
            map(repr, db.execute(select(ErgPoll.id, ErgPoll.state, ErgPoll.counts_on)))
        )
        return found


def test_no_page_and_no_log_shows_an_answer_or_who_was_asked(world, environ, write) -> None:
    """To a lead and an outsider: the same bytes when others answer, and one more is asked."""
    poll_id = ask(world)
    seen = [f"/ergs/pride/{page}" for page in ("", "poll/", "manage/", "members/", "switches/")] + [
        "/",
        "/ergs/",
        "/notifications/",
    ]
    before = look(environ, seen)
    say(world, poll_id, "bo", "juno")
    with write() as db:
        verbs = db.scalars(select(AuditEvent.verb).where(AuditEvent.subject_id == poll_id)).all()
        assert list(verbs) == []
        maria = make_person(db, "Maria T").id
        make_member(db, db.get_one(Erg, world["erg"]), maria, visibility=Visibility.NOBODY)
    assert apart(before, look(environ, seen)) == []


def look(environ, paths):
    """What a lead and an outsider read; a fresh app draws the same random values each time."""
    app = create_app(load(environ))
    try:
        with app.app_context(), writing() as db:
            db.execute(delete(SignIn))
            db.execute(delete(AuditEvent))
        return read(app, paths, ("dalia", "elena"))
    finally:
        app.extensions["database"].dispose()


def test_the_poll_on_its_pages(world, browser, at, queries) -> None:
    dalia = browser("dalia").get("/ergs/pride/switches/")
    assert dalia.has("it cannot be made less so without each member")
    dalia.get("/ergs/pride/poll/").submit("Ask all members", roster="company")
    assert dalia.has("The members are asked") and dalia.has("Jan 1, 2027")
    dalia.submit("Undo")
    assert dalia.has("The leads took the question back")
    dalia.get("/ergs/pride/poll/").submit("Ask all members", roster="members")
    juno = browser("juno").get("/ergs/pride/")
    assert juno.has("Does this group stay confidential?")
    with queries() as asked:
        juno.get("/ergs/pride/poll/")
    assert len(asked) <= 8
    juno.submit("Keep my answer", reply="maybe")
    assert juno.status == 422
    juno.get("/ergs/pride/poll/").submit("Keep my answer", reply="yes")
    assert juno.has("Your answer is kept.")
    assert not juno.has("Take the question back")
    with world["write"]() as db:
        poll_id = polls.newest_poll(db, world["erg"]).id
    assert juno.get(f"/ergs/polls/{poll_id}/").has("Does this group stay confidential?")
    elena = browser("elena")
    assert elena.get(f"/ergs/polls/{poll_id}/").status == 404
    assert elena.get("/ergs/pride/poll/").status == 403
    say(world, poll_id, "dalia", "bo")
    at("2027-01-01")
    sweep(world)
    elena, juno = browser("elena"), browser("juno")
    assert elena.get("/ergs/pride/").has("this group is no longer confidential")
    assert juno.get("/ergs/pride/poll/").has("Until then you can take your yes back")
