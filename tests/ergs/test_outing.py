"""Nobody is outed by a day on which they join: the same company is read before and after.

`tests/contracts/outing.py` compares two companies from their beginning; here one confidential
membership is added to one that lives, in the middle of a band, over pages of groups and events.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import flask
import pytest
from sqlalchemy import bindparam, case, delete, func, select

import app.ergs.queries.groups as erg_groups
import app.ergs.queries.people as erg_people
import app.events.queries.answers as event_queries
from app.accounts.models import Person, SignIn
from app.audit.models import AuditEvent
from app.core import clock, ids
from app.core.database import reading, writing
from app.ergs.models import Erg, Membership
from app.ergs.rules import SEEN_BY, MembershipState, Viewer, Visibility
from app.events.models import EventText, Occurrence, Rsvp
from app.events.rules import Mode, RsvpState
from tests.contracts.outing import GROUPS, built
from tests.factories.ergs import make_erg, make_member
from tests.outing import OBSERVERS, SEED, apart, company, read

BEFORE = 4  # how many belong to the group that Maria joins
MORE = (
    "/ergs/?interest=place",
    "/ergs/?language=en",
    "/ergs/?mine=1",
    "/events/",
    "/events/?show=mine",
    "/events/?show=past",
    "/events/?q=women",
    "/search?q=maria",
    "/search?q=women",
)
OF_GROUP = (
    "/ergs/{slug}/manage/",
    "/ergs/{slug}/manage/roles/",
    "/ergs/{slug}/manage/roles/new?q=maria",
    "/ergs/{slug}/manage/invitations/?q=maria",
    "/ergs/{slug}/manage/messages/",
    "/ergs/{slug}/sponsor/",
    "/ergs/{slug}/sponsor/brief",
    "/events/?group={slug}",
    "/events/new?host={slug}",
)


def differences(
    folder: Path, source: str, slug: str, among: str = "", by: Any = OBSERVERS
) -> list[Any]:
    """What others read otherwise once Maria belongs to the group and nobody may know."""
    build = partial(built, slug, ("ergs", "events"), belongs=False)
    with company(folder, source, build) as (app, own):
        with app.app_context(), ids.seeded("beside"), writing() as db:
            make_erg(db, "beside", lead=_person(db, "lead"))
        keep_marias_seat(app)
        more = [*MORE, *(path.format(slug=slug) for path in OF_GROUP), members_only(app)]
        paths = [path for path in dict.fromkeys([*own, *more]) if among in path]
        assert paths, among
        first = read(app, paths, by)
        forget_sign_ins(app)
        with app.app_context(), ids.seeded("joins"), writing() as db:
            erg = db.scalars(select(Erg).where(Erg.slug == slug)).one()
            make_member(db, erg, _person(db, "maria"), visibility=Visibility.NOBODY)
        ids.configure(SEED)
        return apart(first, read(app, paths, by))


def forget_sign_ins(app: flask.Flask) -> None:
    """The next reading draws the same tokens and ids again."""
    with app.app_context(), writing() as db:
        db.execute(delete(SignIn))
        db.execute(delete(AuditEvent))


def members_only(app: flask.Flask) -> str:
    """The page of an event for members."""
    with app.app_context():
        return f"/events/{reading().scalar(_supper())}/"


def keep_marias_seat(app: flask.Flask) -> None:
    """Maria was a member once, answered the event for members, and her answer was kept."""
    with app.app_context(), ids.seeded("seat"), writing() as db:
        seat = Rsvp(
            occurrence_id=db.scalar(_supper()),
            person_id=_person(db, "maria"),
            state=RsvpState.GOING,
        )
        seat.mode, seat.visibility = Mode.IN_PERSON, Visibility.COMPANY
        seat.queued_at = clock.now()
        db.add(seat)


def _person(db: Any, name: str) -> Any:
    return db.scalar(select(Person.id).where(Person.email == f"{name}@t.example"))


def _supper() -> Any:
    of_members = EventText.title == "Supper of members"
    return (
        select(Occurrence.id)
        .join(EventText, EventText.event_id == Occurrence.event_id)
        .where(of_members)
    )


@pytest.mark.parametrize("slug", GROUPS)
def test_a_confidential_membership_changes_no_byte_for_anybody_else(tmp_path, empty, slug) -> None:
    by = OBSERVERS if slug == "pride" else ("outsider", "member", "lead", "admin")
    assert differences(tmp_path / "company", empty, slug, by=by) == []


def count_everybody():
    wanted = bindparam("ids", expanding=True)
    counted = select(Membership.erg_id, func.count()).where(Membership.erg_id.in_(wanted))
    return counted.group_by(Membership.erg_id)


def name_everybody_to(viewer):
    return {**SEEN_BY, viewer: frozenset(Visibility)}


def size_of_all(*_anything):
    """How many belong, whoever may know."""
    counted = select(func.count()).where(
        Membership.erg_id == Erg.id, Membership.state == MembershipState.ACTIVE
    )
    return counted.correlate(Erg).scalar_subquery()


def last_once_somebody_joined():
    """Before a group of one when as large as it was, behind it when larger."""
    return case((size_of_all() == BEFORE, 0), (size_of_all() > BEFORE, 2), else_=1)


LEAKS = {
    "an order by size": (erg_groups, "name_in", lambda _tag: last_once_somebody_joined(), "/ergs/"),
    "a filter by size": (
        erg_groups,
        "_has_events_soon",
        lambda *_who: size_of_all() > BEFORE,
        "/ergs/?soon=1",
    ),
    "a count of all": (erg_groups, "_shown_to_all", count_everybody, "/ergs/"),
    "a roster for leads": (
        erg_people,
        "SEEN_BY",
        name_everybody_to(Viewer.LEAD),
        "/ergs/women/members/",
    ),
    "a roster for members": (
        erg_people,
        "SEEN_BY",
        name_everybody_to(Viewer.MEMBER),
        "/ergs/women/members/",
    ),
    "names at an event for members": (
        event_queries,
        "SEEN_BY",
        name_everybody_to(Viewer.MEMBER),
        "/events/",
    ),
}


@pytest.fixture
def built_anew():
    """Statements are built once a process: forget them when a leak is planted, and afterwards."""

    def forget() -> None:
        for statement in (erg_groups._page_of, erg_groups._sizes):
            statement.cache_clear()

    yield forget
    forget()


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(tmp_path, empty, monkeypatch, built_anew, leak) -> None:
    """Otherwise the test above would say nothing."""
    module, name, planted, path = LEAKS[leak]
    monkeypatch.setattr(module, name, planted)
    built_anew()
    found = differences(tmp_path / "company", empty, "women", path, ("member", "lead"))
    assert found != []
