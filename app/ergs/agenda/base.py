"""What groups add to home, navigation, search, and to somebody's departure."""

from __future__ import annotations

from flask import url_for
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session, selectinload

from app.core import search
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    NavItem,
    SearchHit,
    agenda,
    agenda_hints,
    departures,
    erasures,
    navigation,
    search_sources,
)
from app.ergs import queries, services
from app.ergs.agenda.bundles import on_desk
from app.ergs.models import Erg, Membership
from app.ergs.rules import MembershipState, pick_text

HITS = 10


def waiting_requests(db: Session, actor: Actor) -> list[AgendaItem]:
    """To leads: who waits for an answer, one line a group."""
    if actor.is_external:
        return []
    rows = queries.waiting_requests(db, queries.standing(db, actor).led)
    queue = on_desk(db, actor, "requests", "requests", _all_requests)
    return [
        AgendaItem(
            section="answer",
            when=since,
            title=ngettext(
                "%(num)s request to join %(group)s",
                "%(num)s requests to join %(group)s",
                n,
                group=_name(erg),
            ),
            icon="user-plus",
            text="",
            url=url_for("ergs.manage", slug=erg.slug),
            bundle=queue,
            count=n,
        )
        for erg, n, since in rows
    ]


def _all_requests(n: int) -> str:
    return ngettext(
        "%(num)s request to join your groups", "%(num)s requests to join your groups", n
    )


def find_groups(db: Session, actor: Actor, q: str) -> list[SearchHit]:
    """Groups that the actor finds in the directory as well."""
    found = search.ids("ergs", q)
    if found is None or actor.is_external:
        return []
    listed = queries.listed_for(actor, queries.standing(db, actor))
    rows = db.scalars(
        listed.where(Erg.id.in_(found))
        .order_by(Erg.slug)
        .limit(HITS)
        .options(selectinload(Erg.texts))
    )
    return [SearchHit(_name(erg), "", url_for("ergs.show", slug=erg.slug), "users") for erg in rows]


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def _is_asked() -> ColumnElement[bool]:
    """Whether anybody waits in a group in which the reader has a role."""
    return exists().where(
        Membership.state == MembershipState.REQUESTED,
        Membership.erg_id.in_(queries.roles_held()),
    )


agenda_hints.add("ergs", _is_asked)
agenda.add("ergs", waiting_requests)
search_sources.add("ergs", find_groups)
departures.add("ergs", services.depart)
erasures.add("ergs", services.erase)
navigation.add("ergs", NavItem("ergs.index", _l("Groups"), "users", 20, True, "/ergs/"))
