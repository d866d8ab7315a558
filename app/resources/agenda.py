"""What resources add to home, to groups' pages and desks, to search, and to somebody's leaving."""

from __future__ import annotations

from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.core import clock, hints
from app.core.locale import current_language, date_text
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    SearchHit,
    agenda,
    agenda_hints,
    erasures,
    search_sources,
)
from app.ergs.agenda.bundles import on_desk
from app.ergs.models import Erg
from app.ergs.queries import roles_held
from app.ergs.registry import DeskAct, DeskItem, Place, desk, leavings, places
from app.ergs.rules import pick_text
from app.resources import queries, services
from app.resources.models import Resource


def due_for_review(db: Session, actor: Actor) -> list[AgendaItem]:
    """To the owner: what should have been looked at."""
    queue = on_desk(db, actor, "resources", "resources", _all_due)
    return [
        AgendaItem(
            section="answer",
            when=clock.end_of_day(_day(resource)),
            day=_day(resource),
            title=_title(resource),
            text=_text(resource),
            url=_url(erg, resource),
            icon="file-check",
            bundle=queue,
        )
        for erg, resource in queries.overdue_for(db, actor)
        if resource.owner_id == actor.person_id
    ]


def _all_due(n: int) -> str:
    return ngettext(
        "%(num)s resource waits for your review", "%(num)s resources wait for your review", n
    )


def overdue(db: Session, actor: Actor) -> list[DeskItem]:
    """To those who keep a group's resources: what nobody has looked at in time."""
    return [_item(erg, resource) for erg, resource in queries.overdue_for(db, actor)]


def _item(erg: Erg, resource: Resource) -> DeskItem:
    where = {"slug": erg.slug, "resource_id": resource.id}
    return DeskItem(
        id=str(resource.id),
        topic="resources",
        erg_id=erg.id,
        group=_group(erg),
        title=_title(resource),
        text=_text(resource),
        since=clock.end_of_day(_day(resource)),
        due=clock.end_of_day(_day(resource)),
        day=_day(resource),
        url=_url(erg, resource),
        icon="file-check",
        acts=(DeskAct(_("It is still right"), url_for("resources.review", **where), icon="check"),),
    )


def find_resources(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Resources that the actor may open."""
    return [
        SearchHit(_title(resource), _group(erg), _url(erg, resource), "file-text")
        for erg, resource in queries.found_by(db, actor, q)
    ]


def _day(resource: Resource) -> date:
    return resource.review_on or resource.created_at.date()


def _text(resource: Resource) -> str:
    day = date_text(resource.review_on) if resource.review_on else ""
    return _("Somebody should have looked on %(day)s whether it is still right.", day=day)


def _title(resource: Resource) -> str:
    text = queries.text_in(resource, current_language().tag)
    return text.title if text else ""


def _group(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def _url(erg: Erg, resource: Resource) -> str:
    return url_for("resources.show", slug=erg.slug, resource_id=resource.id)


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return exists().where(
        Resource.review_on < hints.today(),
        Resource.retired_at.is_(None),
        or_(
            Resource.owner_id == hints.person(),
            Resource.erg_id.in_(roles_held()),
        ),
    )


agenda_hints.add("resources", _may_speak)
agenda.add("resources", due_for_review)
desk.add("resources", overdue)
search_sources.add("resources", find_resources)
leavings.add("resources", services.leave_group)
erasures.add("resources", services.erase)
places.add("resources", Place("resources.index", _l("Resources"), "folder", 35))
