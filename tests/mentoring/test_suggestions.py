"""Resources beside the guide: with a reason, and only what the reader may open or may know of."""

from __future__ import annotations

import tomllib

import pytest
from sqlalchemy import select

from app.core.database import reading
from app.core.search import index_words
from app.mentoring.library import library
from app.mentoring.models import GuideSession, Relationship
from app.mentoring.rules import Sharing
from app.mentoring.rules.suggestions import beginnings, shares
from app.mentoring.services import guides, work
from app.resources.rules import Access
from tests.client import PASSWORD, Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_erg, make_member
from tests.factories.mentoring import make_pair
from tests.factories.programs import make_cohort
from tests.factories.resources import make_resource


@pytest.fixture
def pair(write):
    with write() as db:
        mentee = make_person(db, "Mina Mentee", "mina@t.example", PASSWORD)
        mentor = make_person(db, "Omar Mentor", "omar@t.example", PASSWORD, locale="ar")
        return make_pair(db, mentee, mentor, make_cohort(db, "active"))


@pytest.fixture
def kept(write, pair):
    """A group of Mina's with a resource for members, one for leads, and one for the company."""
    with write() as db:
        lead = make_person(db, "Lea Lead", "lea@t.example", PASSWORD)
        erg = make_erg(db, "builders", lead=lead.id)
        make_member(db, erg, pair.members[0].person_id)
        for title, access in (
            ("Planning a release, step by step", Access.GROUP),
            ("Planning our budget", Access.LEADS),
            ("Goals on one page", Access.COMPANY),
            ("Recipes for the summer party", Access.COMPANY),
        ):
            make_resource(db, erg.id, lead.id, title, access=access)
        return erg


def page(app, name: str, pair) -> Browser:
    browser = Browser(app, lang="en").sign_in(f"{name}@t.example")
    return browser.get(f"/mentoring/{pair.id}/resources?lang=en")


def test_each_gets_what_they_may_open_with_its_reason(app, pair, kept, write):
    with write() as db:
        mina = pair.members[0].person_id
        work.set_goal(
            db, mina, relationship_id=pair.id, text="Lead the planning of a release", steps=["a"]
        )
    seen = page(app, "mina", pair)
    assert seen.has("Planning a release, step by step")
    assert seen.has("Because of the goal “Lead the planning of a release”.")
    assert seen.has("Goals on one page")
    assert seen.has("Because your next session is about “Foundations and goals”.")
    assert not seen.has("Planning our budget") and not seen.has("Recipes")
    other = page(app, "omar", pair)
    assert other.has("Goals on one page") and not other.has("Planning a release")


def test_a_private_goal_suggests_to_its_owner_alone(app, pair, kept, write):
    with write() as db:
        work.set_goal(
            db,
            pair.members[0].person_id,
            relationship_id=pair.id,
            text="Find recipes for a summer of my own",
            steps=["a"],
            sharing=Sharing.ME,
        )
    mina, omar = page(app, "mina", pair), page(app, "omar", pair)
    assert mina.has("Recipes for the summer party") and mina.has("Only you")
    assert not omar.has("Recipes") and "recipes" not in omar.html


def test_nothing_that_fits_says_what_to_do(app, pair):
    seen = page(app, "mina", pair)
    assert seen.has("Nothing fits just now") and seen.has("A goal that others can see")


def test_readings_stand_beside_the_preparation_in_the_readers_language(app, pair):
    omar = Browser(app).sign_in("omar@t.example").get(f"/mentoring/{pair.id}/guide")
    assert omar.has("هدف يستطيع الآخرون رؤيته") and omar.has("خاتمة طيبة")
    assert not omar.has("A goal that others can see")


def test_every_guide_names_readings_that_there_are_in_three_languages():
    for path in sorted(guides.FOLDER.glob("*.toml")):
        for part in tomllib.loads(path.read_text(encoding="utf-8"))["session"]:
            assert part["reading"], (path.name, part["title"]["en"])
            assert set(part["reading"]) <= set(library()), path.name
    for reading_ in library().values():
        assert set(reading_.title) == set(reading_.text) == {"en", "es", "ar"}


def test_a_guide_installed_before_the_library_gets_its_readings_once(app, pair, write):
    with write() as db:
        guide_id = db.get_one(Relationship, pair.id).guide_id
        parts = db.scalars(select(GuideSession).where(GuideSession.guide_id == guide_id)).all()
        for part in parts:
            part.reading = []
        db.flush()
        assert guides.ensure_guide(db, "six_sessions") == guide_id
    with app.app_context():
        query = select(GuideSession).where(GuideSession.guide_id == guide_id)
        assert all(part.reading for part in reading().scalars(query))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Speak at the all-hands", "speaking up"),
        ("goals", "a goal"),
        ("Gespräche führen", "GESPRACH"),
    ],
)
def test_related_words_find_each_other(one, other):
    assert shares(index_words(other), beginnings(one))
    assert not shares(index_words("something else"), beginnings("some other thing"))


@pytest.mark.parametrize("many", [1, 15], ids=["one", "many"])
def test_the_page_costs_the_same_with_one_and_many(app, pair, kept, write, queries, many):
    with write() as db:
        for n in range(many):
            work.set_goal(
                db,
                pair.members[0].person_id,
                relationship_id=pair.id,
                text=f"Planning {n}",
                steps=["a", "b"],
            )
    mina = Browser(app).sign_in("mina@t.example")
    for rest in ("resources", "guide"):
        with queries() as seen:
            assert mina.get(f"/mentoring/{pair.id}/{rest}").status == 200
        assert len(seen) <= 8, (rest, len(seen), seen)
