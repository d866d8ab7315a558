"""What a group keeps: who may open it, versions, languages, reviews, and taking it back."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from app.core import clock, files
from app.core.database import reading, writing
from app.core.errors import Refused
from app.core.outbox import Delivery, DeliveryState
from app.ergs import services as ergs
from app.ergs.models import Erg
from app.ergs.rules import Viewer
from app.resources import messages, services
from app.resources.models import Resource
from app.resources.rules import (
    Access,
    can_open,
    clean_tags,
    is_web_address,
    pick_locale,
)
from app.resources.services import About
from tests.client import Browser
from tests.factories.accounts import make_person
from tests.factories.ergs import make_member
from tests.factories.resources import PDF, make_clean, make_resource, upload, versions_of

BOTH = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


def later(**delta):
    return clock.frozen(clock.now() + timedelta(**delta))


def refused(message: str):
    return pytest.raises(Refused, match=message)


class TestRules:
    @pytest.mark.parametrize("access", Access)
    @pytest.mark.parametrize("is_discreet", [False, True])
    def test_nearer_readers_open_more_and_a_secret_group_nothing_to_colleagues(
        self, access, is_discreet
    ):
        near = [
            can_open(access, viewer, is_discreet=is_discreet)
            for viewer in (Viewer.COLLEAGUE, Viewer.MEMBER, Viewer.LEAD)
        ]
        assert near == sorted(near) and near[2]
        assert near[0] is (access is Access.COMPANY and not is_discreet)

    @pytest.mark.parametrize(
        ("offered", "wanted", "given"),
        [
            (("en", "es"), "es", "es"),
            (("en", "pt-BR"), "pt-BR", "pt-BR"),
            (("en", "es"), "es-MX", "es"),
            (("en", "es"), "ar", "en"),
            (("fr", "es"), "ar", "es"),
            ((), "ar", None),
        ],
    )
    def test_the_reader_gets_their_language_or_the_nearest(self, offered, wanted, given):
        assert pick_locale(offered, wanted, "en") == given

    def test_tags_are_taken_once_whatever_their_case(self):
        assert clean_tags(" #Care,  new   members ,care,, ") == ["Care", "new members"]

    @pytest.mark.parametrize(
        ("url", "is_one"),
        [
            ("https://example.org/a?b=1", True),
            ("HTTP://example.org", True),
            ("javascript:alert(1)", False),
            ("data:text/html,x", False),
            ("https://", False),
            ("https://a b", False),
            ("//example.org", False),
        ],
    )
    def test_only_web_addresses_are_links(self, url, is_one):
        assert is_web_address(url) is is_one


@pytest.mark.usefixtures("context")
class TestKeeping:
    def test_leads_and_communications_add_and_nobody_else(self, people, women):
        for name in ("bo", "outsider", "admin"):
            with refused("Leads and communications"), writing() as db:
                make_resource(db, women, people[name])
        with writing() as db:
            assert make_resource(db, women, people["comms"]).owner_id == people["comms"]

    def test_a_confidential_group_opens_nothing_to_the_company(self, people, pride):
        with refused("confidential group"), writing() as db:
            make_resource(db, pride, people["dalia"], access=Access.COMPANY)

    def test_a_new_version_leaves_the_old_which_can_hold_again(self, people, women):
        with writing() as db:
            row = make_resource(db, women, people["dalia"])
            services.add_version(
                db,
                people["dalia"],
                resource_id=row.id,
                about=About("en", ""),
                upload=upload(PDF + b"more"),
                note="More",
            )
            make_clean(db, row.id)
            first, second = versions_of(db, row.id)
            third = services.restore_version(db, people["comms"], version_id=first.id)
            assert (third.number, third.restored_from, third.file_id) == (3, 1, first.file_id)
        with writing() as db:
            services.withdraw_version(db, people["dalia"], version_id=third.id)
            assert db.get(Resource, row.id).current("en").id == second.id
            services.withdraw_version(db, people["dalia"], version_id=third.id, is_withdrawn=False)
        assert reading().get(Resource, row.id).current("en").id == third.id

    def test_a_version_that_was_not_taken_never_takes_the_place_of_one_that_was(
        self, people, women
    ):
        with writing() as db:
            row = make_resource(db, women, people["dalia"])
            services.add_version(
                db,
                people["dalia"],
                resource_id=row.id,
                about=About("en", ""),
                upload=upload(b"PK\x03\x04 no archive", "guide.docx"),
            )
        resource = reading().get(Resource, row.id)
        assert resource.current("en").number == 1, "it is still being checked"
        files.clean_due()
        resource = reading().get(Resource, row.id)
        assert resource.current("en").number == 1
        with refused("never taken"), writing() as db:
            bad = versions_of(db, row.id)[-1]
            services.restore_version(db, people["dalia"], version_id=bad.id)

    def test_who_leaves_looks_after_nothing_any_more(self, people, women):
        with writing() as db:
            row = make_resource(db, women, people["comms"])
            ergs.leave(db, people["comms"], erg_id=women)
        assert reading().get(Resource, row.id).owner_id is None
        with refused("Only its owner"), writing() as db:
            services.retire(db, people["comms"], resource_id=row.id)

    def test_the_owner_is_reminded_on_the_day_that_holds_now(self, people, women):
        today = clock.now().date()
        with writing() as db:
            row = make_resource(db, women, people["comms"], review_on=today + timedelta(days=3))
            services.review(
                db, people["dalia"], resource_id=row.id, next_on=today + timedelta(days=9)
            )
        waiting = (
            reading()
            .scalars(
                select(Delivery).where(
                    Delivery.kind == "resource_review",
                    Delivery.state == DeliveryState.PENDING,
                    Delivery.channel == "mail",
                )
            )
            .all()
        )
        assert [d.due_at.date() for d in waiting] == [today + timedelta(days=9)]
        assert waiting[0].person_id == people["comms"]
        kind, one = messages.ReviewDue(), waiting[0]
        assert kind.wanted(reading(), one) == "moved"
        with later(days=9):
            assert kind.wanted(reading(), one) is None
            said = str(kind.message(reading(), one, None))
            assert "women" not in said.lower() and "Guide" not in said
            with writing() as db:
                services.retire(db, people["dalia"], resource_id=row.id)
            assert kind.wanted(reading(), one) == "retired"


@pytest.fixture
def browse(app):
    """Signs somebody in."""

    def sign_in(name: str, **traits) -> Browser:
        return Browser(app, **traits).sign_in(f"{name}@t.example")

    return sign_in


@BOTH
def test_a_lead_adds_a_picture_and_a_member_opens_it(app, browse, people, women, htmx) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (9, 90, 9)).save(out, "PNG")
    dalia = browse("dalia", htmx=htmx).get("/ergs/women/resources/")
    assert dalia.has("Nothing is kept here yet")
    dalia.click("Add a resource").submit(
        "Add the resource",
        title="Poster",
        tags="spring, Care",
        files={"file": (io.BytesIO(out.getvalue()), "poster.png")},
    )
    assert dalia.has("Poster") and dalia.has("The file is being checked")
    assert dalia.has("Dalia Test"), "who looks after it"
    with app.app_context():
        files.clean_due()
    bo = browse("bo", htmx=htmx).get("/ergs/women/resources/?q=spring")
    bo.click("Poster").click("Open the file")
    assert bo.status == 200 and bo.url.startswith("/files/")
    assert bo.headers["Content-Security-Policy"].startswith("sandbox")
    assert "inline" in bo.headers["Content-Disposition"]


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(browse, people, women) -> None:
    dalia = browse("dalia").get("/ergs/women/resources/new")
    dalia.submit(
        "Add the resource",
        title="Kept title",
        files={"file": (io.BytesIO(b"<html>"), "photo.png")},
    )
    assert dalia.status == 422 and dalia.has("not what its name says")
    assert 'value="Kept title"' in dalia.html
    dalia.submit("Add the resource", kind="link", url="javascript:alert(1)", title="x")
    assert dalia.status == 422 and dalia.has("begins with https://")


def test_versions_are_added_restored_and_withdrawn_with_undo(browse, people, women, write) -> None:
    with write() as db:
        row = make_resource(db, women, people["dalia"], url="https://example.org/one")
    path = f"/ergs/women/resources/{row.id}/"
    dalia = browse("dalia").get(path)
    dalia.click("Add a version").submit(
        "Add the version", url="https://example.org/two", note="Newer"
    )
    assert dalia.has("Version 2") and dalia.has("Newer")
    dalia.submit("Make it the newest")
    assert dalia.has("brought back from version 1")
    dalia.submit("Undo")
    assert dalia.has("Withdrawn. The version before it holds.")
    bo = browse("bo").get(path)
    assert bo.has("Version 2") and not bo.has("Version 3") and not bo.has("Withdraw")


def test_a_reader_gets_their_language_or_is_told_which_one_it_is(
    browse, people, women, write
) -> None:
    with write() as db:
        row = make_resource(db, women, people["dalia"], url="https://example.org/en")
        services.add_version(
            db,
            people["dalia"],
            resource_id=row.id,
            about=About("es", "Guía"),
            url="https://example.org/es",
        )
    path = f"/ergs/women/resources/{row.id}/"
    assert browse("bo", lang="es").get(path).has("Guía")
    english = browse("bo", lang="en").get(path)
    assert english.has("Guide for new members") and not english.has("no version in your language")
    arabic = browse("bo", lang="ar").get(path)
    assert arabic.has("Guide for new members") and "notice-info" in arabic.html
    listed = browse("bo").get("/ergs/women/resources/?locale=es")
    assert listed.has("Guide for new members")
    assert browse("bo").get("/ergs/women/resources/?locale=fr").has("No resource found")


def test_what_nobody_looked_at_stands_on_the_desk_until_somebody_does(
    browse, people, women, write
) -> None:
    with write() as db:
        make_resource(
            db,
            women,
            people["comms"],
            url="https://example.org/a",
            review_on=clock.now().date() - timedelta(days=2),
        )
    assert browse("comms").get("/").has("Guide for new members")
    for htmx in (False, True):
        desk = browse("dalia", htmx=htmx).get("/ergs/desk/")
        assert desk.has("Guide for new members")
        desk.submit("It is still right")
        assert desk.has("You are asked again in a year")
        assert not browse("dalia").get("/ergs/desk/").has("Guide for new members")
        desk.submit("Undo")
        assert browse("dalia").get("/ergs/desk/").has("Guide for new members")


def test_what_is_retired_is_gone_for_readers_and_comes_back(browse, people, women, write) -> None:
    with write() as db:
        row = make_resource(db, women, people["dalia"], url="https://example.org/a")
    path = f"/ergs/women/resources/{row.id}/"
    dalia, bo = browse("dalia").get(path), browse("bo")
    dalia.submit("Retire")
    assert bo.get(path).status == 404
    assert not bo.get("/ergs/women/resources/?show=retired").has("Guide for new members")
    assert dalia.get("/ergs/women/resources/?show=retired").has("Guide for new members")
    dalia.get(path).submit("Bring it back")
    assert bo.get(path).status == 200


def test_an_access_right_holds_on_page_list_search_and_content(
    browse, people, women, pride, write
) -> None:
    with write() as db:
        made = {
            access: make_resource(
                db,
                women,
                people["dalia"],
                f"Zucchini for {access}",
                url="https://example.org/a",
                access=access,
            ).id
            for access in Access
        }
        contents = {access: versions_of(db, key)[0].id for access, key in made.items()}
        hidden = make_resource(
            db, pride, people["dalia"], "Zucchini of pride", url="https://example.org/a"
        ).id
    seen_by = {
        "outsider": {Access.COMPANY},
        "bo": {Access.COMPANY, Access.GROUP},
        "dalia": set(Access),
        "comms": set(Access),
        "admin": {Access.COMPANY},
    }
    for name, allowed in seen_by.items():
        reader = browse(name)
        listed = reader.get("/ergs/women/resources/").text
        searched = reader.get("/search?q=zucchini").text
        for access, key in made.items():
            is_open = access in allowed
            page = f"/ergs/women/resources/{key}/"
            content = reader.client.get(f"{page}versions/{contents[access]}/open").status_code
            assert (f"Zucchini for {access}" in listed) is is_open, (name, access)
            assert (f"Zucchini for {access}" in searched) is is_open, (name, access)
            assert reader.get(page).status == (200 if is_open else 404)
            assert content == (303 if is_open else 404)
        is_near = name not in ("outsider", "admin")
        assert ("Zucchini of pride" in searched) is is_near
        assert reader.get(f"/ergs/pride/resources/{hidden}/").status == (200 if is_near else 404)
        assert reader.get("/ergs/pride/resources/").status == (200 if is_near else 403)


@pytest.mark.parametrize("part", ["", "{one}/", "{one}/edit", "{one}/versions/new", "new"])
def test_a_page_costs_at_most_eight_statements_however_many_rows(
    app, browse, people, women, queries, part, write
) -> None:
    with write() as db:
        one = make_resource(db, women, people["dalia"], tags=["a"]).id
    url = f"/ergs/women/resources/{part.format(one=one)}"
    dalia = browse("dalia")
    assert dalia.get(url).status == 200
    with queries() as few:
        dalia.get(url)
    with write() as db:
        for n in range(25):
            person = make_person(db, f"Person {n}")
            make_member(db, db.get(Erg, women), person.id)
            make_resource(db, women, people["dalia"], f"Guide {n}", tags=["b", f"tag {n}"])
        for n in range(5):
            services.add_version(
                db,
                people["dalia"],
                resource_id=one,
                about=About("es", f"Guía {n}"),
                upload=upload(PDF + bytes([65 + n])),
            )
        make_clean(db, one)
    with queries() as many:
        dalia.get(url)
    assert len(few) == len(many) <= 8, "\n".join(many)
