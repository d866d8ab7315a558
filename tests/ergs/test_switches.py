"""The switches of a group, and the preview that asks the functions which decide."""

from __future__ import annotations

import pytest

from app.core.errors import Refused
from app.core.policies import Actor
from app.ergs import queries, services
from app.ergs.models import Erg
from app.ergs.rules import (
    Admission,
    Discovery,
    ErgState,
    Persona,
    Switches,
    Visibility,
    is_listed,
    is_reachable,
    would_unshield,
)
from app.ergs.views.preview import seen_as
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member

OPEN = Switches(Discovery.LISTED, Admission.OPEN, Visibility.COMPANY, False)
SAFE = Switches(Discovery.LISTED, Admission.OPEN, Visibility.NOBODY, True)


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
def browser(request, app):
    """A browser of either kind for a person by first name."""
    return lambda name: Browser(app, htmx=request.param).sign_in(f"{name}@t.example")


@pytest.fixture
def people(write):
    with write() as db:
        return {
            name: make_person(
                db,
                f"{name.title()} Test",
                f"{name}@t.example",
                PASSWORD,
                ("org_admin",) if name == "farid" else (),
            ).id
            for name in ("bo", "dalia", "kai", "farid", "lena")
        }


@pytest.fixture
def women(people, write):
    with write() as db:
        return make_erg(db, "women", lead=people["dalia"], roster=Visibility.COMPANY).id


@pytest.mark.parametrize("state", list(ErgState))
def test_protection_is_never_taken_from_a_group_that_has_begun(state) -> None:
    by_roster = Switches(Discovery.LISTED, Admission.OPEN, Visibility.LEADS, False)
    has_begun = state is not ErgState.DRAFT
    assert would_unshield(state, SAFE, OPEN) is has_begun
    assert would_unshield(state, by_roster, OPEN) is has_begun
    word_alone = Switches(Discovery.LISTED, Admission.OPEN, Visibility.NOBODY, False)
    assert would_unshield(state, SAFE, word_alone) is has_begun, "the word is not taken back either"
    assert not would_unshield(state, OPEN, SAFE)
    assert not would_unshield(state, SAFE, SAFE)


def test_the_directory_and_the_page_follow_one_table(app, people, write) -> None:
    """What the select finds for a colleague is what the policy says of each group."""
    with write() as db:
        for state in ErgState:
            for discovery in Discovery:
                make_erg(db, f"{state}-{discovery}", state=state, discovery=discovery)
    with write() as db:
        actor = Actor(person_id=people["bo"])
        mine = queries.standing(db, actor)
        listed = {erg.slug for erg in db.scalars(queries.listed_for(actor, mine))}
        for erg in db.query(Erg):
            assert (erg.slug in listed) is is_listed(erg.state, erg.discovery)
            assert queries.is_listed_for(erg, actor, mine) is (erg.slug in listed)
            found = queries.erg_for(db, actor, erg.slug) is not None
            assert found is is_reachable(erg.state, erg.discovery)


def test_a_lead_sets_the_switches_and_takes_it_back(browser, women, write) -> None:
    dalia = browser("dalia").get("/ergs/women/switches/")
    dalia.submit("Save", discovery="hidden", admission="invite", roster="members")
    assert dalia.has("Saved. It holds from now on, everywhere.")
    assert browser("bo").get("/ergs/women/").status == 404
    dalia.submit("Undo")
    assert browser("bo").get("/ergs/women/").has("Join this group")
    with write() as db:
        assert db.get(Erg, women).roster is Visibility.COMPANY


def test_a_choice_that_is_none_is_refused(browser, women) -> None:
    dalia = browser("dalia").get("/ergs/women/switches/").submit("Save", discovery="secret")
    assert dalia.status == 422 and dalia.has("Please check these answers")
    answer = dalia.client.post("/ergs/women/switches/undo?discovery=secret")
    assert answer.status_code == 400


def test_making_a_group_confidential_is_explained_and_final(browser, women, people, write) -> None:
    with write() as db:
        make_member(db, db.get(Erg, women), people["bo"], visibility=Visibility.COMPANY)
    dalia = browser("dalia").get("/ergs/women/switches/")
    assert dalia.has("Once saved, this cannot be taken back")
    dalia.submit("Save", says_sensitive="y")
    assert not dalia.has("Undo") and dalia.has("it cannot be made less so")
    dalia.submit("Save", says_sensitive=[], discovery="unlisted")
    assert dalia.status == 422 and dalia.has("This change cannot be saved.")
    with write() as db, pytest.raises(Refused, match="stays confidential"):
        services.set_switches(db, people["dalia"], erg_id=women, switches=OPEN)


def test_a_draft_may_still_choose(app, people, write) -> None:
    with write() as db:
        erg_id = make_erg(db, "plan", state=ErgState.DRAFT, says_sensitive=True).id
    with write() as db:
        services.set_switches(db, people["farid"], erg_id=erg_id, switches=OPEN)
        assert not db.get(Erg, erg_id).is_sensitive
    with write() as db, pytest.raises(Refused):
        services.set_switches(db, people["bo"], erg_id=erg_id, switches=SAFE)


def test_opening_the_roster_shows_nobody_who_did_not_agree(app, people, write) -> None:
    with write() as db:
        erg = make_erg(db, "quiet", lead=people["dalia"], roster=Visibility.MEMBERS)
        make_member(db, erg, people["bo"], visibility=Visibility.MEMBERS)
        make_member(db, erg, people["kai"], visibility=Visibility.NOBODY)
        erg_id = erg.id
    with write() as db:
        services.set_switches(db, people["dalia"], erg_id=erg_id, switches=OPEN)
    stranger = Browser(app).sign_in("farid@t.example").get("/ergs/quiet/members/")
    assert stranger.has("Dalia Test")
    assert not stranger.has("Bo Test") and not stranger.has("Kai Test")


@pytest.mark.parametrize(
    ("discovery", "roster"),
    [
        (Discovery.LISTED, Visibility.COMPANY),
        (Discovery.UNLISTED, Visibility.MEMBERS),
        (Discovery.HIDDEN, Visibility.LEADS),
        (Discovery.LISTED, Visibility.NOBODY),
    ],
)
def test_the_preview_says_what_real_people_get(app, people, write, discovery, roster) -> None:
    """For each persona a real person stands there and looks."""
    with write() as db:
        erg = make_erg(db, "women", lead=people["dalia"], discovery=discovery, roster=roster)
        make_member(db, erg, people["kai"], visibility=Visibility.NOBODY)
        make_member(db, erg, people["lena"], visibility=Visibility.MEMBERS)
        switches = Switches(discovery, Admission.OPEN, roster, False)
        lines = {
            p: {line.text: line.is_open for line in seen_as(db, erg, p, switches)} for p in Persona
        }
    real = {
        Persona.COLLEAGUE: "bo",
        Persona.MEMBER: "kai",
        Persona.LEAD: "dalia",
        Persona.ADMIN: "farid",
    }
    for persona, name in real.items():
        someone = Browser(app).sign_in(f"{name}@t.example").get("/ergs/women/")
        closed = "For this person the group does not exist." in lines[persona]
        assert (someone.status == 404) is closed
        finds = someone.get("/ergs/").has("Women")
        assert finds is lines[persona].get("Finds the group in the directory and by search.", False)
        shown = someone.get("/ergs/women/members/").has("Lena Test")
        assert shown is any(
            "Sees the name of a member who chose “Members" in text for text in lines[persona]
        )
        edits = someone.get("/ergs/women/switches/").status == 200
        assert edits is ("Edits the words, the switches and the chapters." in lines[persona])
    assert lines[Persona.STRANGER] == {"For this person the group does not exist.": False}


def test_the_preview_answers_to_plain_questions_and_tries_without_saving(
    browser, women, write
) -> None:
    dalia = browser("dalia").get("/ergs/women/switches/?viewer=colleague")
    assert dalia.has("Can join at once.")
    tried = "/ergs/women/switches/?viewer=colleague&discovery=hidden&admission=invite&roster=nobody"
    assert dalia.get(tried).has("For this person the group does not exist.")
    assert dalia.has("Nothing is saved yet.")
    part = dalia.fragment(tried.replace("colleague", "lead"))
    assert 'id="preview"' in part and "<html" not in part and "under an alias" in part
    assert dalia.get("/ergs/women/switches/?viewer=nonsense&discovery=x").has("A colleague")
    with write() as db:
        assert db.get(Erg, women).discovery is Discovery.LISTED


def test_the_switches_belong_to_the_leads(app, women, queries) -> None:
    for name, status in (("bo", 403), ("farid", 403), ("dalia", 200)):
        someone = Browser(app).sign_in(f"{name}@t.example")
        assert someone.get("/ergs/women/switches/").status == status
    with queries() as made:
        someone.get("/ergs/women/switches/?viewer=admin")
    assert len(made) <= 8, "\n".join(made)
