"""What accounts registers: places in the navigation and the search for colleagues."""

from __future__ import annotations

import flask
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.accounts.models import Person
from app.accounts.queries.directory import listed
from app.core import search
from app.core.policies import Actor
from app.core.registries import NavItem, SearchHit, navigation, search_sources

MOST_HITS = 10

navigation.add("people", NavItem("accounts.people", _l("People"), "network", 60))
navigation.add("you", NavItem("accounts.settings", _l("You"), "circle-user", 90, bar=True))


@search_sources.register("people")
def people(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Listed colleagues by name or job; nothing for guests from outside."""
    matching = search.ids("people", q)
    if actor.is_external or matching is None:
        return []
    found = (
        listed().where(Person.id.in_(matching)).order_by(Person.name, Person.id).limit(MOST_HITS)
    )
    return [_hit(person) for person in db.scalars(found)]


def _hit(person: Person) -> SearchHit:
    about = (person.job_title, person.department, person.site)
    return SearchHit(
        title=person.name or "",
        text=" · ".join(part for part in about if part),
        url=flask.url_for("accounts.person", person_id=person.id),
        icon="circle-user",
    )
