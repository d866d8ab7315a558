"""What discussions add to home, to groups' pages and desks, and to somebody's leaving."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, or_
from sqlalchemy.orm import Session

from app.core import hints
from app.core.locale import current_language
from app.core.policies import Actor
from app.core.registries import (
    AgendaItem,
    agenda,
    agenda_hints,
    erasures,
)
from app.ergs.models import Erg
from app.ergs.registry import DeskAct, DeskItem, Farewell, Place, desk, farewells, leavings, places
from app.ergs.rules import pick_text
from app.health.registry import activities
from app.threads import queries, services
from app.threads.models import Following, Mention
from app.threads.queries import Appealed, Case
from app.threads.queries.threads import Moved
from app.threads.rules import AppealState, ReportState


def what_moved(db: Session, actor: Actor) -> list[AgendaItem]:
    """Mentions, and answers in discussions that the actor follows."""
    return [_line(moved) for moved in queries.moved_for(db, actor)]


def _line(moved: Moved) -> AgendaItem:
    return AgendaItem(
        section="moved",
        when=moved.when,
        title=moved.thread.title,
        icon="at-sign" if moved.is_mentioned else "messages-square",
        text=_("Somebody mentioned you.")
        if moved.is_mentioned
        else ngettext("%(num)s new answer", "%(num)s new answers", moved.new),
        url=url_for("threads.show", slug=moved.erg.slug, thread_id=moved.thread.id),
    )


def reports(db: Session, actor: Actor) -> list[DeskItem]:
    """Reported posts about which the actor may decide."""
    found = queries.cases(db, actor)
    return [_item(case) for case in found if case.state is ReportState.OPEN]


def _item(case: Case) -> DeskItem:
    where = {"slug": case.erg.slug, "post_id": case.post.id}
    keep = DeskAct(
        _("Keep the post"),
        url_for("threads.decide", **where),
        icon="check",
        values={"verdict": ReportState.DISMISSED.value},
    )
    return DeskItem(
        id=f"report-{case.post.id}",
        topic="reports",
        erg_id=case.erg.id,
        group=_name(case.erg),
        title=_("A post was reported"),
        text="; ".join(case.reasons),
        since=case.since,
        url=url_for("threads.case", **where),
        icon="flag",
        acts=(keep,),
    )


def appeals(db: Session, actor: Actor) -> list[DeskItem]:
    """Removals about which the actor is asked for a second look."""
    found = queries.appeals(db, actor)
    return [_appeal(one) for one in found if one.appeal.state is AppealState.WAITING]


def _appeal(found: Appealed) -> DeskItem:
    return DeskItem(
        id=f"appeal-{found.appeal.id}",
        topic="reports",
        erg_id=found.erg.id,
        group=_name(found.erg),
        title=_("An author asks for a second look"),
        text=found.appeal.words,
        since=found.appeal.created_at,
        url=url_for("threads.appealed", slug=found.erg.slug, appeal_id=found.appeal.id),
        icon="scale",
    )


def _name(erg: Erg) -> str:
    text = pick_text(erg.texts, current_language().tag)
    return text.name if text else erg.slug


def _may_speak() -> ColumnElement[bool]:
    """Whether the home page has to ask at all."""
    return or_(
        exists().where(Following.person_id == hints.person()),
        exists().where(Mention.person_id == hints.person()),
    )


agenda_hints.add("threads", _may_speak)
agenda.add("threads", what_moved)
desk.add("threads", reports)
desk.add("appeals", appeals)
leavings.add("threads", services.leave_group)
erasures.add("threads", services.erase)
farewells.add("threads", Farewell(services.remove_all, "threads.restore_all"))
places.add("threads", Place("threads.index", _l("Discussions"), "messages-square", 30))
places.add("reports", Place("threads.reports", _l("Reported posts"), "flag", 60, is_for_leads=True))
activities.add("threads", queries.writers)
