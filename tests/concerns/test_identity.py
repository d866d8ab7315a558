"""The partner learns nothing: a rest for a concern is any rest, an ending for one is any ending.

Companies are built apart, from nothing, with the same seed and clock, and differ in what moved the
other person or the handlers. Everything that the partner gets must be the same, byte by byte.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import flask
import pytest
from sqlalchemy import select

from app.accounts.models import Person
from app.concerns.models import Concern
from app.concerns.rules import Outcome
from app.concerns.services import contact, handling
from app.core import clock, ids
from app.core.database import reading, writing
from app.mentoring.models import Relationship
from app.mentoring.rules import ClosingReason, EndingCode, RelationshipState
from app.mentoring.services import closing, pausing, reopening
from tests import databases
from tests.client import PASSWORD, Browser
from tests.factories.concerns import WORDS, make_concern, make_handler
from tests.mentoring import test_blind_exit as blind

MONDAY, DAY = blind.MONDAY, blind.DAY

Act = Callable[[flask.Flask, UUID], None]


def played(
    folder: Path, source: str, act: Act, *, looks: tuple[timedelta, ...], later: Act | None = None
) -> blind.Seen:
    """Let something happen to a pair under way; returns all that the mentor gets of it."""
    things: dict[str, str] = {}
    with blind.company(folder, source) as app:
        with app.app_context(), ids.seeded("identity"):
            pair_id, paths = blind.begin()
            with writing() as db:
                make_handler(db, "Hanna Handler", email="hanna@t.example", password=PASSWORD)
                pair = db.get_one(Relationship, pair_id)
                if act not in OF_TRIAL:
                    pair.state = RelationshipState.ACTIVE
        clock.configure((MONDAY + timedelta(hours=3)).isoformat())
        Browser(app).sign_in("mentee@t.example").get("/notifications/").get("/settings/")
        blind.draw_anew("act")
        act(app, pair_id)
        for after in looks:
            clock.configure((MONDAY + after).isoformat())
            if later is not None and after > 50 * DAY:
                blind.draw_anew("sweeps")
                later(app, pair_id)
            blind.run_all(app)
            found = blind.pages_of(app, paths, "mentor") | tried(app, pair_id)
            things |= {f"{after.days} {name}": got for name, got in found.items()}
        things |= blind.mails_of(folder, "mentor") | blind.kept_for(app, "mentor")
    return blind.Seen(things)


def tried(app: flask.Flask, pair_id: UUID) -> dict[str, str]:
    """What the mentor's attempts to go on, to plan and to write are answered."""
    blind.draw_anew("mentor tries")
    browser = Browser(app).sign_in("mentor@t.example").get(f"/mentoring/{pair_id}/")
    token = browser.tree.find(".//input[@name='csrf_token']").get("value")
    found = {}
    for act in ("resumption", "sessions", "messages/", "ending-is-not-tried"):
        sent = {"csrf_token": token, "text": "Hello?", "key": "k", "until": "2027-02-20"}
        posted = browser.client.post(f"/mentoring/{pair_id}/{act}", data=sent)
        assert posted.status_code < 500
        found[f"POST {act}"] = blind.comparable(posted)
    return found


def person(mail: str) -> UUID:
    return reading().scalars(select(Person.id).where(Person.email == f"{mail}@t.example")).one()


# -- what may happen ------------------------------------------------------------------------------


def she_pauses(app: flask.Flask, pair_id: UUID) -> None:
    mina = Browser(app).sign_in("mentee@t.example").get(f"/mentoring/{pair_id}/going-on")
    until = (clock.now().date() + timedelta(days=60)).isoformat()
    mina.submit("Pause", until=until, in_the_pause="cancel")
    assert mina.has("You rest until")


def she_raises_a_concern_and_stops_contact(app: flask.Flask, pair_id: UUID) -> None:
    mina = Browser(app).sign_in("mentee@t.example").get(f"/support/new?pair={pair_id}")
    mina.submit("Send", text=WORDS, stops=True)
    assert mina.has("It is sent.")
    with app.app_context():
        concern = reading().scalars(select(Concern)).one()
        assert concern.keeps_rest
        assert reading().get_one(Relationship, pair_id).state is RelationshipState.PAUSED


def she_says_no_in_the_trial(app: flask.Flask, pair_id: UUID) -> None:
    blind.run_all(app)
    blind.draw_anew("act")
    mina = Browser(app).sign_in("mentee@t.example").get(f"/mentoring/{pair_id}/going-on")
    mina.submit("No, find me somebody else")


def she_stops_contact_in_the_trial(app: flask.Flask, pair_id: UUID) -> None:
    blind.run_all(app)
    blind.draw_anew("act")
    mina = Browser(app).sign_in("mentee@t.example").get(f"/support/new?pair={pair_id}")
    mina.submit("Send", text=WORDS, stops=True)
    assert mina.has("It is sent.")


def she_rests_longer(app: flask.Flask, pair_id: UUID) -> None:
    with app.app_context():
        mina, until = person("mentee"), clock.now().date() + timedelta(days=60)
        with writing() as db:
            pausing.pause(db, mina, relationship_id=pair_id, until=until)


def rest_goes_on(app: flask.Flask, pair_id: UUID) -> None:
    with app.app_context():
        with writing() as db:
            contact.keep_resting(db)
        until = clock.now().date() + timedelta(days=60)
        assert reading().get_one(Relationship, pair_id).paused_until == until


def organizers_end_it(app: flask.Flask, pair_id: UUID) -> None:
    with app.app_context():
        amara, code = person("amara"), EndingCode.PROGRAM_CHANGE
        with writing() as db:
            closing.end_for(db, amara, relationship_id=pair_id, code=code)


def handlers_end_it(app: flask.Flask, pair_id: UUID) -> None:
    with app.app_context():
        hanna, mina = person("hanna"), person("mentee")
        with writing() as db, ids.seeded("handler"):
            concern = make_concern(db, mina, [hanna], pair_id=pair_id)
            handling.take(db, hanna, concern_id=concern.id)
        blind.draw_anew("act")
        with writing() as db:
            handling.decide(
                db,
                hanna,
                concern_id=concern.id,
                outcome=Outcome.PAIR_ENDED,
                text="We ended it, as we agreed.",
                code=EndingCode.PROGRAM_CHANGE,
            )


def organizers_end_a_trial(app: flask.Flask, pair_id: UUID) -> None:
    organizers_end_it(app, pair_id)


def handlers_end_a_trial(app: flask.Flask, pair_id: UUID) -> None:
    handlers_end_it(app, pair_id)


OF_TRIAL = (
    *(organizers_end_a_trial, handlers_end_a_trial),
    *(she_says_no_in_the_trial, she_stops_contact_in_the_trial),
)


@pytest.fixture
def empty(shared_folder: Path) -> str:
    """The template of an empty company."""
    return databases.template(shared_folder, "sqlite", seeded=False)


def test_contact_that_rests_for_a_concern_is_any_pause(tmp_path, empty):
    looks = (DAY, 59 * DAY)
    ordinary = played(tmp_path / "1", empty, she_pauses, looks=looks, later=she_rests_longer)
    stopped = she_raises_a_concern_and_stops_contact
    concern = played(tmp_path / "2", empty, stopped, looks=looks, later=rest_goes_on)
    assert ordinary.differs_from(concern) == []
    assert "pair_paused" in " ".join(ordinary.things), "the mentor is told of a pause"


def test_an_ending_for_a_concern_of_a_trial_is_any_ending_by_organizers(tmp_path, empty):
    one, other = (
        played(tmp_path / str(n), empty, act, looks=(8 * DAY,))
        for n, act in enumerate(OF_TRIAL[:2])
    )
    assert one.differs_from(other) == []


def test_an_ending_for_a_concern_is_any_ending_and_a_planted_leak_is_caught(
    tmp_path, empty, monkeypatch
):
    by_organizers = played(tmp_path / "1", empty, organizers_end_it, looks=(DAY,))
    for_a_concern = played(tmp_path / "2", empty, handlers_end_it, looks=(DAY,))
    assert by_organizers.differs_from(for_a_concern) == []

    def knowing(pair: Relationship) -> bool:
        return pair.closing_reason is ClosingReason.CONCERN

    monkeypatch.setattr(reopening, "members_may_reopen", knowing)
    leaking = played(tmp_path / "3", empty, handlers_end_it, looks=(DAY,))
    assert by_organizers.differs_from(leaking) != []


def test_whoever_stops_contact_in_a_trial_says_no_like_anybody(tmp_path, empty):
    """What stops at once stops for her alone; all that he tries meanwhile goes as always."""
    one, other = (
        played(tmp_path / str(n), empty, act, looks=(DAY, 8 * DAY))
        for n, act in enumerate(OF_TRIAL[2:])
    )
    assert one.differs_from(other) == []
    assert "200 [" in " ".join(one.things[name] for name in one.things if "messages" in name)
