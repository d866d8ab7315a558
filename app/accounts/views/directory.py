"""The directory of colleagues and their small profiles."""

from __future__ import annotations

import flask
from werkzeug.wrappers import Response

from app.accounts import queries
from app.accounts.models import Person
from app.accounts.policies import may_see_directory, may_see_person
from app.accounts.views.base import bp
from app.core.database import reading
from app.core.pages import page
from app.core.policies import guarded_by


def page_number() -> int:
    """The wanted page of a list; anything that is no number is the first."""
    return flask.request.args.get("page", 1, type=int)


@bp.get("/people/")
@guarded_by(may_see_directory)
def people() -> Response:
    """Colleagues by name, with search and filters."""
    args = flask.request.args
    asked = {name: args.get(name, "").strip()[:200] for name in ("q", "department", "site")}
    db = reading()
    return page(
        "accounts/people.html",
        fragment="accounts/_people_list.html",
        found=queries.directory(db, **asked, number=page_number()),
        **asked,
        departments=queries.departments(db),
        sites=queries.sites(db),
    )


@bp.get("/people/<uuid:person_id>/")
@guarded_by(may_see_person, find=queries.person_for)
def person(person: Person) -> Response:
    """A small profile: name, work, zone, language."""
    return page("accounts/person.html", person=person)
